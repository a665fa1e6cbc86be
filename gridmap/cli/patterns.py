"""`gridmap stats around|rhythm|campaign|services`: places in a month, efforts and what came after."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from gridmap.areas import store as areas
from gridmap.cli.areas import AsJson, parse_day, print_rows
from gridmap.cli.common import JurisdictionOption, console, opened
from gridmap.errors import BadInput
from gridmap.statistics import plain
from gridmap.statistics.campaigns import Ratio
from gridmap.statistics.digests.places import around_kind, around_related
from gridmap.statistics.efforts.campaign import campaign
from gridmap.statistics.efforts.model import Campaign, Span
from gridmap.statistics.efforts.services import services, span_of
from gridmap.statistics.months import parse_month

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
CategoryOption = Annotated[
    str | None, typer.Option(help="Count this category alone; default those that belong to the kind.")
]


def around_(
    month: Annotated[str, typer.Option(help="YYYY-MM.")],
    kind: Annotated[str | None, typer.Option(help="One kind of place; default parking and markets.")] = None,
    category: CategoryOption = None,
    jurisdiction: JurisdictionOption = None,
    as_json: AsJson = False,
) -> None:
    """Reports around each place, per 100 spaces, while it was open and while it was closed."""
    first = parse_month(month)
    if kind is None and category is not None:
        raise BadInput("goes with a kind", field="category")
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        if kind is None:
            found = list(around_related(connection, chosen, first))
        else:
            found = [around_kind(connection, chosen, first, kind, category)]
    values = plain.around(first, found, category)
    if as_json:
        _print_json(values)
        return
    rows = [
        {
            "kind": each["place"]["kind"],
            "name": each["place"]["name"],
            "capacity": each["capacity"],
            "radius m": f"{each['radius_m']:g}",
            "reports": each["reports"],
            "per 100": _tenths(each["per_100_spaces"]),
            "open": each["while_open"],
            "closed": each["while_closed"],
            "unknown": each["hours_unknown"],
            "opening hours": each["opening_hours"],
        }
        for each in values["items"]
    ]
    print_rows(rows, "no such places")


def rhythm_(
    month: Annotated[str, typer.Option(help="YYYY-MM.")],
    kind: Annotated[str, typer.Option(help="One kind of place, as night_market.")],
    category: CategoryOption = None,
    jurisdiction: JurisdictionOption = None,
    as_json: AsJson = False,
) -> None:
    """Reports near a kind of place by hour and weekday; * marks hours in which it is mostly open."""
    first = parse_month(month)
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = around_kind(connection, chosen, first, kind, category)
    values = plain.rhythm(chosen, found)
    if as_json:
        _print_json(values)
        return
    shares, totals = values["open_share"], values["totals"]
    rows = []
    for hour in range(24):
        row: dict[str, Any] = {"hour": f"{hour:02d}"}
        for day, name in enumerate(WEEKDAYS):
            star = "*" if shares and shares[day][hour] > 0.5 else " "
            row[name] = f"{values['reports'][day][hour] or '·':>4}{star}"
        rows.append(row)
    print_rows(rows, "")
    console.print(
        f"{totals['reports']:,} reports near {values['places']} places: {totals['while_open']:,} while open,"
        f" {totals['while_closed']:,} while closed, {totals['hours_unknown']:,} where no hours are known",
        highlight=False,
    )


def campaign_(
    category: Annotated[str, typer.Option(help="What it was about, as local-teastall.")],
    first: Annotated[str, typer.Option("--from", help="First day before, YYYY-MM-DD.")],
    to: Annotated[str, typer.Option(help="Last day before, included.")],
    until: Annotated[str, typer.Option(help="Last day after, included.")],
    since: Annotated[str | None, typer.Option(help="First day after; default the day after --to.")] = None,
    area: Annotated[
        str | None, typer.Option(help="Only in this community, grid or compound: kind/code.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="year_before, another category, or another area: kind/code.")
    ] = None,
    jurisdiction: JurisdictionOption = None,
    as_json: AsJson = False,
) -> None:
    """Reports before and after a campaign, and the ratio of their rates with its exact interval."""
    with opened() as database, database.reading() as connection:
        found = campaign(
            connection,
            areas.jurisdiction(connection, jurisdiction),
            category,
            first=parse_day(first, "from"),
            to=parse_day(to, "to"),
            since=parse_day(since, "since") if since else None,
            until=parse_day(until, "until"),
            area=area,
            against=against,
        )
    if as_json:
        _print_json(plain.campaign(found))
    else:
        _print_campaign(found)


def services_(
    month: Annotated[str | None, typer.Option(help="YYYY-MM, or else a year.")] = None,
    year: Annotated[str | None, typer.Option(help="YYYY.")] = None,
    jurisdiction: JurisdictionOption = None,
    as_json: AsJson = False,
) -> None:
    """Film showings, volunteer days, errands and the like: work records by kind and by place."""
    first, last = span_of(month, year)
    with opened() as database, database.reading() as connection:
        found = services(connection, areas.jurisdiction(connection, jurisdiction), first, last)
    values = plain.services(found)
    if as_json:
        _print_json(values)
        return
    print_rows([{"place": "", **_done(each)} for each in values["kinds"] if each["records"]], "none")
    print_rows(
        [{"place": at["place_name"] or "—", **_done(each)} for at in values["places"] for each in at["done"]],
        "no such work records",
    )


def add_to(app: typer.Typer) -> None:
    """Mount the four commands on `gridmap stats`."""
    for name, command in (
        ("around", around_),
        ("rhythm", rhythm_),
        ("campaign", campaign_),
        ("services", services_),
    ):
        app.command(name)(command)


def _done(each: dict[str, Any]) -> dict[str, Any]:
    return {name: each[name] for name in ("kind", "name", "quantity", "unit", "records")}


def _print_campaign(found: Campaign) -> None:
    rows = [_row("before", found.before), _row("after", found.after)]
    if found.against:
        rows += [_row("there before", found.against.before), _row("there after", found.against.after)]
    print_rows(rows, "")
    lines = [f"ratio {_ratio(found.ratio)}"]
    if found.against:
        lines.append(f"ratio there {_ratio(found.against.ratio)}")
        lines.append(f"change against it {_ratio(found.against.change)}")
    if found.spread is not None:
        lines.append(f"days differ {found.spread:.1f} times as much as by chance")
    for line in (*lines, "before and after are not cause and effect"):
        console.print(line, highlight=False, markup=False)


def _row(what: str, span: Span) -> dict[str, Any]:
    return {
        "": what,
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "days": span.days,
        "reports": span.reports,
        "per week": f"{span.per_week:.1f}",
    }


def _ratio(ratio: Ratio) -> str:
    middle = "—" if ratio.ratio is None else f"{ratio.ratio:.2f}"
    high = "∞" if ratio.high is None else f"{ratio.high:.2f}"
    return f"{middle} ({ratio.confidence:.0%} interval {ratio.low:.2f} to {high}, p = {ratio.p:.3g})"


def _tenths(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"


def _print_json(values: dict[str, Any]) -> None:
    print(json.dumps(values, ensure_ascii=False))
