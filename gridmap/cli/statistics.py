"""`gridmap stats`: months in numbers, and the scales of the maps."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gridmap.areas import store as areas
from gridmap.cli import hotspots, moves, patterns
from gridmap.cli.common import AsOfOption, JurisdictionOption, console, known_at, opened, row_bar
from gridmap.errors import BadInput
from gridmap.reports.categories import vocabulary
from gridmap.spreadsheets import as_text
from gridmap.statistics import store
from gridmap.statistics.asof.counting import months_with_reports
from gridmap.statistics.counts import store as counts
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.counts.recutting import recut
from gridmap.statistics.counts.verifying import Verdict, mend, verify
from gridmap.statistics.monthly import by_grid_and_category, monthly
from gridmap.statistics.months import parse_month

app = typer.Typer(no_args_is_help=True)
patterns.add_to(app)
app.command("hotspots")(hotspots.hotspots)
app.command("moves")(moves.moves)


@app.command("monthly")
def monthly_(
    month: Annotated[str | None, typer.Option(help="YYYY-MM; default all.")] = None,
    category: Annotated[str | None, typer.Option(help="Its code.")] = None,
    by: Annotated[str, typer.Option(help="grid, community or category.")] = "community",
    edition: Annotated[
        int | None, typer.Option(help="As cut to it by `stats recut`; see areas list.")
    ] = None,
    as_of: AsOfOption = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Reports per month and grid, community or category."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        moment = known_at(as_of, chosen)
        span = (parse_month(month),) * 2 if month else months_with_reports(connection, chosen, moment)
        found = (
            monthly(
                connection,
                chosen,
                first_month=span[0],
                last_month=span[1],
                category=category,
                by=by,
                edition=edition,
                as_of=moment,
            )
            if span
            else []
        )
    table = Table("month", by, "name", "reports")
    for row in found:
        reports = "masked" if row.count is None else f"{row.count:,}"
        table.add_row(f"{row.month:%Y-%m}", row.code or "—", row.name or "", reports)
    console.print(table)


@app.command("table")
def table_(
    out: Annotated[Path, typer.Option(help="A CSV file.")],
    first: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM; default all.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write reports per month, grid and category: month,grid,category,reports; no grid: outside them all.

    Small counts of private categories, and those beside them, are "masked".
    """
    start, end = _span(first, last)
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        there_are = months_with_reports(connection, chosen)
        today = chosen.today().replace(day=1)
        earliest, latest = there_are or (today, today)
        rows = by_grid_and_category(
            connection,
            chosen,
            first_month=max(start or earliest, earliest),
            last_month=min(end or latest, latest),
        )
        try:
            with out.open("w", encoding="utf-8-sig", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(["month", "grid", "category", "reports"])
                for month, grid, category, reports in rows:
                    writer.writerow(
                        [f"{month:%Y-%m}", as_text(grid or ""), as_text(category), _told(reports)]
                    )
        except OSError as error:
            raise BadInput(f"{out} cannot be written: {error.strerror}", field="--out") from None
    console.print(str(out), markup=False, highlight=False)


@app.command("fold")
def fold_() -> None:
    """Fold what was counted since the last time into the rollup; the service does so every minute."""
    with opened() as database:
        folded = fold(database)
    console.print("another process folds just now" if folded is None else f"{folded:,} deltas folded")


@app.command("verify")
def verify_(
    mend_: Annotated[bool, typer.Option("--mend", help="Count the months that differ anew.")] = False,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Count every month anew from its reports and compare with the counts that are kept.

    Prints what differs; ends with 1 when anything does (with --mend: did).
    """
    with opened() as database:
        with database.reading() as connection:
            chosen = areas.jurisdiction(connection, jurisdiction)
            verdicts = list(verify(connection, chosen, database.settings))
        wrong = [verdict for verdict in verdicts if not verdict.right]
        for verdict in wrong:
            _say(verdict)
            if mend_:
                mend(database, chosen, verdict)
    reports = sum(verdict.reports for verdict in verdicts)
    console.print(f"{reports:,} reports of {len(verdicts)} months counted; {len(wrong)} months differ")
    if wrong:
        raise typer.Exit(1)


def _told(reports: int | None) -> int | str:
    return "masked" if reports is None else reports


def _say(verdict: Verdict) -> None:
    for each in verdict.differences:
        of = f" cut to edition {each.cut}" if each.cut else ""
        line = f"{verdict.month:%Y-%m}{of} {each.counted}: {each.kept:,} kept, {each.told:,} by the reports"
        if each.kept_near_edge != each.told_near_edge:
            line += f"; near an edge {each.kept_near_edge:,} and {each.told_near_edge:,}"
        console.print(line, markup=False, highlight=False)
    if verdict.cells:
        console.print(f"{verdict.month:%Y-%m} cells: {verdict.cells:,} reports lie elsewhere", markup=False)


@app.command("recut")
def recut_(
    edition: Annotated[int, typer.Option(help="An edition of the grids; see areas list.")],
    first: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM; default all.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Cut stored reports to an edition of the grids. Their own placements stay as they are."""
    start, end = _span(first, last)
    with opened() as database:
        with database.reading() as connection:
            chosen = areas.jurisdiction(connection, jurisdiction)
            months = counts.months(connection, chosen.code)
        total = sum(n for month, n in months if (start or month) <= month <= (end or month))
        with row_bar("recut", total) as progress:
            done = recut(database, chosen, edition, first=start, last=end, progress=progress)
        fold(database)
    console.print(
        f"{done.reports:,} reports of {done.months} months cut to edition {done.edition.id};"
        f" {done.moved:,} lie in another grid than they were placed in"
    )


def _span(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    start, end = _month(first, "from"), _month(last, "to")
    if start and end and end < start:
        raise BadInput("is before the first month", field="to")
    return start, end


def _month(text: str | None, field: str) -> date | None:
    try:
        return parse_month(text) if text else None
    except BadInput as error:
        raise BadInput(error.message, field=field) from None


@app.command("scale")
def scale(
    category: Annotated[str | None, typer.Option(help="Its code; default: all categories.")] = None,
    renew: Annotated[bool, typer.Option("--renew", help="Forget it; the next map makes a new one.")] = False,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Show the classes that a heat map keeps from month to month, or make room for new ones."""
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        if category:
            vocabulary(connection, chosen.code).check(category)
        if renew:
            store.forget_scale(connection, chosen.code, category)
        kept = store.scale(connection, chosen.code, category)
    if kept is None:
        console.print("none is kept yet; the first map after a full month makes one")
        return
    console.print(f"reports per grid: {', '.join(map(str, kept.counts))}", highlight=False)
    console.print(f"reports per km²: {', '.join(f'{d:g}' for d in kept.densities)}", highlight=False)
