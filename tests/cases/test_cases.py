"""Cases on a real database: opened from reports, moved, merged, passed on; and what the database refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cases import intake, moving, store
from gridmap.cases.calendars import OFFICE_HOURS, calendar, shipped
from gridmap.cases.intake import Opening, collect
from gridmap.cases.model import DISPATCHER, Actor
from gridmap.cases.moving import make
from gridmap.cases.notices import store as notices
from gridmap.cases.workflow import live_states, standing_of
from gridmap.errors import BadInput, Conflict, Forbidden, NotFound
from gridmap.reports import store as reports
from gridmap.reports.intake import record_batch
from gridmap.reports.model import NewReport
from tests.cases.conftest import CHIEF, COMMUNITY, INSIDE, MARKET, MEMBER, OFFICE, SEEN, SQUAD, START, send

CALENDAR = calendar(ZoneInfo("Asia/Shanghai"), OFFICE_HOURS, shipped())
RUBBISH, FUMES, DISPUTE = "matter-06010", "matter-06027", "local-dispute"


class Desk:
    """The moves of one case, an hour apart."""

    def __init__(self, connection, jurisdiction, settings, case):
        self.connection, self.jurisdiction, self.settings, self.case = (
            connection,
            jurisdiction,
            settings,
            case,
        )
        self.now = START

    def __call__(self, move: str, actor: Actor, reason: str = "因为", **details):
        self.now += timedelta(hours=1)
        return make(
            *(self.connection, self.jurisdiction, self.settings, self.case, move, actor),
            reason=reason,
            details=details or None,
            at=self.now,
        )


@pytest.fixture
def opened(connection, district, settings):
    """opened(category, …) -> a Desk for a new case of so many reports."""

    def open_(*categories: str, **changes) -> Desk:
        references = send(connection, district, settings, *categories, **changes)
        (case,) = collect(connection, district, [references], MEMBER, at=START)
        return Desk(connection, district, settings, case)

    return open_


def test_a_case_from_report_to_end(opened, connection, district) -> None:
    desk = opened(RUBBISH, RUBBISH)
    first = store.get(connection, district.code, desk.case)
    assert (first.state, first.seq, first.grid.code, first.wgs84) == ("collected", 1, "g1", INSIDE)
    assert first.category == RUBBISH
    assert not first.private
    desk("file", OFFICE)
    assert desk("dispatch", OFFICE).waiting_for == ("post:grid_chief@grid:g1",)
    desk("acknowledge", CHIEF)
    desk("answer", CHIEF, "已清理", finding="done")
    with pytest.raises(Forbidden, match="let somebody else"):
        desk("check", CHIEF)
    desk("check", MEMBER)
    assert desk("close", OFFICE).state == "closed"
    links = store.histories(connection, [desk.case])[desk.case]
    assert standing_of(link.move for link in links).state == "closed"
    assert links[2].move.details["rule"] == "all-others"
    told = notices.told(connection, district.code, [r for r, _ in store.reports_of(connection, desk.case)])
    assert [[n.kind for n in each] for each in told.values()] == [["collected", "filed", "closed"]] * 2


def test_two_recipients_by_the_rules(opened) -> None:
    desk = opened(FUMES)
    desk("file", OFFICE)
    assert desk("dispatch", OFFICE).waiting_for == ("party:market", "party:squad")
    desk("acknowledge", SQUAD)
    desk("acknowledge", MARKET)
    assert desk("answer", SQUAD, finding="done").waiting_for == ("party:market",)
    assert desk("answer", MARKET, finding="not_found").state == "answered"


def test_who_returns_one_of_two_tasks_is_replaced_and_the_other_goes_on(opened) -> None:
    desk = opened(FUMES)
    desk("file", OFFICE)
    desk("dispatch", OFFICE)
    desk("acknowledge", MARKET)
    after = desk("return", SQUAD, "不归我们管")
    assert (after.state, after.waiting_for) == ("handling", ("party:market", DISPATCHER))
    with pytest.raises(BadInput, match="tasks"):
        desk("dispatch", OFFICE)  # the rules would name the same again
    after = desk("dispatch", OFFICE, tasks=[{"recipient": "party:police"}])
    assert (after.state, after.waiting_for) == ("handling", ("party:market", "party:police"))


def test_a_person_may_name_the_recipients(opened) -> None:
    desk = opened(RUBBISH)
    desk("file", OFFICE)
    with pytest.raises(BadInput, match="tasks"):
        desk("dispatch", OFFICE, tasks=[{"recipient": "nobody"}])
    assert desk("dispatch", OFFICE, tasks=[{"recipient": "party:squad"}]).waiting_for == ("party:squad",)


def test_silence_goes_up_the_chain(opened, connection, district) -> None:
    desk = opened(RUBBISH)
    desk("file", OFFICE)
    desk("dispatch", OFFICE)
    chief, member = "post:grid_chief@grid:g1", "post:grid_member@grid:g1"
    almost = timedelta(hours=3, minutes=29)  # dispatched at noon: the office opens again at half past two
    assert moving.silent_cases(connection, district.code, CALENDAR, desk.now + almost) == []
    wait = desk.now + timedelta(hours=3, minutes=30)
    assert moving.silent_cases(connection, district.code, CALENDAR, wait) == [desk.case]
    assert moving.pass_on(connection, district, CALENDAR, desk.case, wait) == [(chief, member)]
    assert moving.silent_cases(connection, district.code, CALENDAR, wait) == []
    desk.now = wait
    with pytest.raises(Forbidden, match="dispatched to"):
        desk("acknowledge", CHIEF)
    assert desk("acknowledge", MEMBER).state == "handling"


def test_duplicates_are_proposed_and_merged_by_a_person(opened, connection, district, settings) -> None:
    first = opened(RUBBISH)
    near = opened("matter-06011", lat=INSIDE[1] + 0.0003)  # same group, 33 m
    far = opened(RUBBISH, lat=INSIDE[1] + 0.0009)
    other = opened("matter-09001")
    late = opened(RUBBISH, occurred_at=SEEN + timedelta(days=5))
    proposed = {
        desk.case: store.histories(connection, [desk.case])[desk.case][0].move.details.get("duplicates")
        for desk in (first, near, far, other, late)
    }
    assert proposed[near.case] == [str(first.case)]
    assert [proposed[desk.case] for desk in (first, far, other, late)] == [None] * 4
    with pytest.raises(BadInput, match="itself"):
        near("merge", OFFICE, into=str(near.case))
    gone = near("merge", OFFICE, into=str(first.case))
    assert (gone.state, gone.merged_into) == ("merged", first.case)
    reports = store.reports_of(connection, first.case)
    assert len(reports) == 2
    assert store.final(connection, near.case) == first.case
    first.now = near.now
    first("refuse", OFFICE)
    told = notices.told(connection, district.code, [r for r, _ in reports])
    kinds = [[notice.kind for notice in told[r]] for r, _ in reports]
    assert sorted(kinds) == [["collected", "merged", "refused"], ["collected", "refused"]]
    with pytest.raises(Conflict, match="cannot take merge"):
        near("merge", OFFICE, into=str(first.case))


def test_private_cases_keep_to_themselves(opened, connection, district, settings) -> None:
    plain, private = opened(RUBBISH), opened(DISPUTE)
    assert store.get(connection, district.code, private.case).private
    with pytest.raises(Conflict, match="private"):
        plain("merge", OFFICE, into=str(private.case))
    references = send(connection, district, settings, RUBBISH, DISPUTE, lon=109.4812)
    with pytest.raises(BadInput, match="private reports do not go together"):
        collect(connection, district, [references], MEMBER)


def test_a_report_is_in_one_case(connection, district, settings) -> None:
    (reference,) = send(connection, district, settings, RUBBISH)
    collect(connection, district, [[reference]], MEMBER)
    with pytest.raises(Conflict, match="is in the case"):
        collect(connection, district, [[reference]], MEMBER)
    with pytest.raises(NotFound, match="no such report"):
        collect(connection, district, [[(uuid4(), SEEN)]], MEMBER)


def test_another_jurisdiction_sees_neither_case_nor_report(opened, connection, district, settings) -> None:
    desk = opened(RUBBISH)
    there = Jurisdiction("there", "别处")
    areas.add_jurisdiction(connection, there)
    with pytest.raises(NotFound):
        make(connection, there, settings, desk.case, "file", OFFICE)
    with pytest.raises(NotFound):
        collect(connection, there, [store.reports_of(connection, desk.case)], MEMBER)
    assert store.cases(connection, there.code, store.Filter()) == []


def test_some_categories_open_a_case_with_the_report(connection, district, settings) -> None:
    opening = Opening()
    stored = [
        (*r, c)
        for r, c in zip(send(connection, district, settings, RUBBISH, FUMES), (RUBBISH, FUMES), strict=True)
    ]
    opening(connection, district, stored)
    (only,) = store.cases(connection, district.code, store.Filter())
    assert only.category == FUMES


def test_time_does_not_run_backwards(opened) -> None:
    desk = opened(RUBBISH)
    desk("file", OFFICE)
    desk.now -= timedelta(hours=2)
    with pytest.raises(Conflict, match="before the last move"):
        desk("dispatch", OFFICE)


def test_what_comes_about_by_itself_is_not_asked_for(opened) -> None:
    desk = opened(RUBBISH)
    for move in ("collect", "join", "correct"):
        with pytest.raises(BadInput, match="by itself"):
            desk(move, OFFICE)


def test_a_list_is_filtered_sorted_and_paged(opened, connection, district) -> None:
    desks = [opened(category) for category in (RUBBISH, FUMES, DISPUTE, RUBBISH, "matter-09001")]
    desks[0]("file", OFFICE)
    desks[0]("dispatch", OFFICE)

    def ids(sort="-opened_at", limit=100, after=None, **wanted):
        found = store.cases(
            connection, district.code, store.Filter(**wanted), sort=sort, limit=limit, after=after
        )
        return [case.id for case in found]

    assert ids(states=("dispatched",)) == ids(recipients=("post:grid_chief@grid:g1",)) == [desks[0].case]
    assert set(ids(category=RUBBISH)) == {desks[0].case, desks[3].case}
    assert ids(private=True) == [desks[2].case]
    assert len(ids(grid="g1")) == len(ids(community="c1")) == 5
    assert ids(grid="g2") == ids(first=START + timedelta(seconds=1)) == ids(last=START) == []
    assert ids(sort="-changed_at")[0] == desks[0].case
    for sort in store.SORTS:
        whole, paged, after = ids(sort), [], None
        while page := store.cases(connection, district.code, store.Filter(), sort=sort, limit=2, after=after):
            paged += [case.id for case in page]
            after = (getattr(page[-1], store.SORTS[sort][0]), page[-1].id)
        assert paged == whole
    with pytest.raises(BadInput, match="sort"):
        ids("category")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_move SET reason = 'x'",
        "DELETE FROM case_move",
        "TRUNCATE case_move CASCADE",
        "DELETE FROM case_file",
        "UPDATE case_report SET recorded_at = now()",
        "DELETE FROM case_notice",
        "UPDATE report SET category = 'matter-06011'",
    ],
)
def test_history_is_only_added_to(opened, connection, statement) -> None:
    opened(RUBBISH)
    with pytest.raises(sa.exc.IntegrityError, match=r"rows are kept|only by a correction"):
        connection.execute(sa.text(statement))


def test_a_case_that_is_not_what_its_history_says_stands_still(opened, connection) -> None:
    desk = opened(RUBBISH)
    connection.execute(sa.text("UPDATE case_file SET state = 'filed'"))
    with pytest.raises(Conflict, match="audit verify"):
        desk("dispatch", OFFICE)


def test_a_case_of_a_duplicate_is_not_proposed_when_it_has_ended(opened, connection, district) -> None:
    first = opened(RUBBISH)
    first("refuse", COMMUNITY)
    second = opened(RUBBISH, lat=INSIDE[1] + 0.0001)
    assert "duplicates" not in store.histories(connection, [second.case])[second.case][0].move.details
    assert live_states() == [
        *("collected", "filed", "dispatched", "handling", "answered", "checked", "suspended")
    ]


def test_what_somebody_sends_is_a_case_within_a_minute(connection, district, settings) -> None:
    """Not what is old, what a file brought, or what is in a case already; and each once."""
    now = datetime.now(UTC)
    sent = [
        send(connection, district, settings, RUBBISH, occurred_at=now - timedelta(days=days))[0]
        for days in (0, 6, 8)
    ]
    (in_case,) = send(connection, district, settings, RUBBISH, occurred_at=now)
    collect(connection, district, [[in_case]], MEMBER)
    number = reports.next_import_id(connection)
    new = NewReport(RUBBISH, "随文件来", now, lon=INSIDE[0], lat=INSIDE[1], datum="wgs84")
    record_batch(connection, district, [new], settings=settings, import_id=number)
    made = intake.open_waiting(connection, district, now=now)
    assert [store.reports_of(connection, case) for case in made] == [[each] for each in sent[:2]]
    assert [
        standing_of(link.move for link in store.histories(connection, [case])[case]).state for case in made
    ] == [
        "collected",
        "collected",
    ]
    assert intake.open_waiting(connection, district, now=now) == []
