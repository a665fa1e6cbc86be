"""Before and after a campaign, counted from the reports themselves. What the ratio means: campaigns.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, NotFound
from gridmap.reports.categories import vocabulary
from gridmap.reports.store import categories
from gridmap.statistics.asof.counting import months_with_reports
from gridmap.statistics.campaigns import against as change_against
from gridmap.statistics.campaigns import before_and_after, spread
from gridmap.statistics.efforts import store
from gridmap.statistics.efforts.model import YEAR_BEFORE, AreaNamed, Campaign, Comparison, Span
from gridmap.statistics.model import Titled
from gridmap.statistics.months import last_day
from gridmap.statistics.private.hiding import check_public

LONGEST = 1_100  # days from the first to the last: three years and a bit
DAY = timedelta(days=1)
WEEKS_52 = timedelta(days=364)  # the same weekdays, and as many days
Days = dict[date, int]


def campaign(
    connection: Connection,
    jurisdiction: Jurisdiction,
    category: str,
    *,
    first: date,
    to: date,
    until: date,
    since: date | None = None,
    area: str | None = None,
    against: str | None = None,
) -> Campaign:
    """Reports of a category in the days `first` to `to`, and in those from `since` to `until`, all included.

    `since` None: the day after `to`; what lies between belongs to neither, as the weeks of the campaign
    itself may. `area` is "kind/code" (community, grid, compound) as in the GeoJSON of areas; `against` is
    YEAR_BEFORE, a category, or an area of the same kind.

    Raises BadInput naming "from", "to", "since", "until", "category", "area" or "against": spans out of
    order, outside the months that have reports, too long; what there is not; what is private by small area.
    """
    since = since or to + DAY
    _check_order(first, to, since, until)
    _check_seen(connection, jurisdiction, first, until)
    known = {
        each.code: Titled(each.code, each.name, each.name_en)
        for each in categories(connection, jurisdiction.code)
    }
    vocabulary(connection, jurisdiction.code).check(category)
    where = _area(connection, jurisdiction, area, until, "area")
    if where:
        check_public(connection, jurisdiction.code, category)
    days = _days(connection, jurisdiction, category, first, until, where)
    before, after = _span(days, first, to), _span(days, since, until)
    comparison = None
    if against is not None:
        spans = (first, to, since, until)
        comparison = _compared(
            connection, jurisdiction, known, category, where, spans, against, before, after
        )
    return Campaign(
        known[category],
        where,
        before,
        after,
        before_and_after(before.reports, after.reports, before.days, after.days),
        spread([_daily(days, before), _daily(days, after)]),
        comparison,
        tuple(_weeks(days, before, after)),
    )


def _check_order(first: date, to: date, since: date, until: date) -> None:
    if to < first:
        raise BadInput(f"{to} is before {first}, where the days before begin", field="to")
    if since <= to:
        raise BadInput(f"{since} is not after {to}, the last of the days before", field="since")
    if until < since:
        raise BadInput(f"{until} is before {since}, where the days after begin", field="until")
    if (until - first).days >= LONGEST:
        raise BadInput(f"lies {LONGEST} days or more after {first}; give shorter spans", field="until")


def _check_seen(connection: Connection, jurisdiction: Jurisdiction, first: date, until: date) -> None:
    """A day on which nothing could be reported is not a day without a report."""
    months = months_with_reports(connection, jurisdiction)
    if months is None:
        raise BadInput("there are no reports yet", field="from")
    earliest, latest = months[0], min(last_day(months[1]), jurisdiction.today())
    if first < earliest:
        raise BadInput(f"{first} is before {earliest}, the first month with a report", field="from")
    if until > latest:
        raise BadInput(f"{until} is after {latest}, the last day there can be a report of", field="until")


def _area(
    connection: Connection, jurisdiction: Jurisdiction, text: str | None, day: date, field: str
) -> AreaNamed | None:
    if text is None:
        return None
    kind, slash, code = text.partition("/")
    if not slash or kind not in store.AREA_COLUMNS:
        kinds = ", ".join(store.AREA_COLUMNS)
        raise BadInput(f"write an area as kind/code, as grid/610602006003012; kinds are {kinds}", field=field)
    try:
        found = areas.area(connection, jurisdiction.code, kind, code, day)
    except NotFound as error:
        raise BadInput(error.message, field=field) from None
    return AreaNamed(kind, found.code, found.name)


def _days(
    connection: Connection,
    jurisdiction: Jurisdiction,
    category: str,
    first: date,
    last: date,
    area: AreaNamed | None,
) -> Days:
    zone = jurisdiction.zone
    span = datetime.combine(first, time(), zone), datetime.combine(last + DAY, time(), zone)
    return store.daily(connection, jurisdiction, category, span, (area.kind, area.code) if area else None)


def _span(days: Days, first: date, last: date) -> Span:
    return Span(first, last, sum(reports for day, reports in days.items() if first <= day <= last))


def _daily(days: Days, span: Span) -> list[int]:
    return [days.get(span.first + timedelta(days=n), 0) for n in range(span.days)]


def _weeks(days: Days, before: Span, after: Span) -> Iterator[Span]:
    """Weeks of seven days away from the campaign to both sides, so that none lies in both spans."""
    week = timedelta(days=7)
    yield from reversed(
        [
            _span(days, max(end - week + DAY, before.first), end)
            for end in _every(before.last, before.first, -week)
        ]
    )
    for first, last in ((before.last + DAY, after.first - DAY), (after.first, after.last)):
        for start in _every(first, last, week):
            yield _span(days, start, min(start + week - DAY, last))


def _every(first: date, last: date, step: timedelta) -> Iterator[date]:
    """`first`, and on by `step` as far as it does not pass `last`."""
    day = first
    while (last - day) * (1 if step > timedelta() else -1) >= timedelta():
        yield day
        day += step


def _compared(
    connection: Connection,
    jurisdiction: Jurisdiction,
    known: dict[str, Titled],
    category: str,
    area: AreaNamed | None,
    spans: tuple[date, date, date, date],
    against: str,
    before: Span,
    after: Span,
) -> Comparison:
    there, where, by = known[category], area, timedelta()
    if against == YEAR_BEFORE:
        what, by = YEAR_BEFORE, WEEKS_52
        months = months_with_reports(connection, jurisdiction)
        if months and spans[0] - by < months[0]:
            raise BadInput(
                f"52 weeks before {spans[0]} is before {months[0]}, the first month with a report",
                field="against",
            )
    elif "/" in against:
        what = "area"
        where = _area(connection, jurisdiction, against, spans[3], "against")
        assert where is not None
        check_public(connection, jurisdiction.code, category, "against")
        if area is None or where.kind != area.kind or where.code == area.code:
            raise BadInput("is compared with another area of its kind; name one in area", field="against")
    else:
        what = "category"
        if against not in known or against == category:
            raise BadInput(
                f"{against[:80]!r} is no other category, area as kind/code, or {YEAR_BEFORE}", field="against"
            )
        if area is not None:
            check_public(connection, jurisdiction.code, against, "against")
        there = known[against]
    first, to, since, until = (day - by for day in spans)
    days = _days(connection, jurisdiction, there.code, first, until, where)
    old, new = _span(days, first, to), _span(days, since, until)
    return Comparison(
        what,
        there,
        where,
        old,
        new,
        before_and_after(old.reports, new.reports, old.days, new.days),
        change_against(before.reports, after.reports, old.reports, new.reports),
    )
