"""Corrections: of reports, of their counts and cuts, and of the cases they are in."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cases import store
from gridmap.cases.correcting import correct_report
from gridmap.cases.deadlines import clocks, running
from gridmap.cases.intake import collect, open_waiting
from gridmap.cases.local import local
from gridmap.cases.moving import make
from gridmap.cases.notices import store as notices
from gridmap.database import tables as t
from gridmap.errors import BadCoordinate, BadInput, Forbidden, NotFound
from gridmap.reports import store as reports
from gridmap.reports.audit import store as judge
from gridmap.reports.corrections import Change
from gridmap.reports.corrections import store as corrections
from gridmap.reports.intake import record_batch
from gridmap.reports.model import NewReport
from gridmap.statistics.counts import store as counts
from gridmap.statistics.counts.recutting import recut
from gridmap.statistics.counts.verifying import verify
from tests.cases.conftest import INSIDE, MEMBER, OFFICE, SEEN, SQUAD, START, send, settle

RUBBISH, FUMES = "matter-06010", "matter-06027"
NEXT_DOOR = Change(lon=109.4835, lat=36.611, datum="wgs84")  # in g2
LATER = START + timedelta(hours=5)


def corrected(connection, district, settings, report, change, actor=OFFICE, **given):
    given = {"reason": "现场核对", "at": LATER} | given
    return correct_report(connection, district, settings, report, change, actor, **given)


def test_a_report_of_a_file_becomes_a_case_once_somebody_corrects_it(connection, district, settings) -> None:
    now = datetime.now(UTC)
    new = NewReport(RUBBISH, "随文件来", now, lon=INSIDE[0], lat=INSIDE[1], datum="wgs84")
    number = reports.next_import_id(connection)
    (_, mended) = record_batch(connection, district, [new, new], settings=settings, import_id=number)
    assert open_waiting(connection, district, now=now) == []
    corrected(connection, district, settings, mended.report_id, Change(category=FUMES))
    (case,) = open_waiting(connection, district, now=now)
    assert [id_ for id_, _ in store.reports_of(connection, case)] == [mended.report_id]
    assert store.get(connection, district.code, case).category == FUMES
    assert open_waiting(connection, district, now=now) == []


def test_a_pin_that_moves_within_its_areas_leaves_a_replacement_alone(connection, district, settings) -> None:
    (reference,) = send(connection, district, settings, FUMES)
    (case,) = collect(connection, district, [[reference]], MEMBER, at=START)
    for move, actor, details in (
        ("file", OFFICE, {}),
        ("dispatch", OFFICE, {}),
        ("return", SQUAD, {}),
        ("dispatch", OFFICE, {"tasks": [{"recipient": "party:police"}]}),
    ):
        make(connection, district, settings, case, move, actor, reason="因为", details=details or None)
    near = Change(lon=INSIDE[0], lat=INSIDE[1] + 0.00002, datum="wgs84")
    corrected(connection, district, settings, reference[0], near, at=None)
    after = store.get(connection, district.code, case)
    assert (after.state, after.waiting_for) == ("dispatched", ("party:market", "party:police"))


def counted(connection, district, settings) -> list:
    verdicts = list(verify(connection, district, settings))
    assert verdicts
    return [v for v in verdicts if not v.right]


def misplaced(connection, district, settings) -> list:
    first, last = SEEN - timedelta(days=40), SEEN + timedelta(days=40)
    return list(judge.differing(connection, district, first, last, settings.nearest_tolerance_m))


@pytest.mark.parametrize(
    ("change", "changed", "grid"),
    [
        (NEXT_DOOR, ("place",), "g2"),
        (Change(category="matter-06011"), ("category",), "g1"),
        (Change("matter-06011", 109.4835, 36.611, "wgs84", 12.0), ("category", "place"), "g2"),
        (Change(lon=109.49, lat=36.611, datum="wgs84"), ("place",), None),  # 500 m beyond every grid
        (Change(lon=INSIDE[0], lat=INSIDE[1], datum="gcj02"), ("place",), None),
    ],
)
def test_a_report_is_corrected_and_counted_anew(
    connection, district, settings, change, changed, grid
) -> None:
    (report, at), *_ = send(connection, district, settings, RUBBISH, RUBBISH, FUMES)
    before = reports.get(connection, district.code, report)
    done = corrected(connection, district, settings, report, change)
    assert (done.number, done.changed) == (1, changed)
    assert (done.after.placement.grid.code if done.after.placement.grid else None) == grid
    assert done.after == reports.get(connection, district.code, report)
    assert done.after.recorded_at == before.recorded_at
    assert counted(connection, district, settings) == []
    assert misplaced(connection, district, settings) == []
    (written,) = corrections.corrections(connection, (report, at))
    assert (written.was["category"], written.corrected_by) == (RUBBISH, OFFICE.name)
    sent = connection.execute(
        sa.text("SELECT *, ST_X(geom) AS x FROM report_as_sent WHERE id = :id"), {"id": report}
    )
    (as_sent,) = sent
    assert (as_sent.category, as_sent.lon, as_sent.x) == (RUBBISH, before.lon, before.wgs84[0])
    assert as_sent.method == before.placement.method


def test_every_correction_is_kept_and_the_first_says_what_was_sent(connection, district, settings) -> None:
    ((report, at),) = send(connection, district, settings, RUBBISH)
    corrected(connection, district, settings, report, NEXT_DOOR)
    corrected(connection, district, settings, report, Change(category=FUMES))
    back = Change(category=RUBBISH, lon=INSIDE[0], lat=INSIDE[1], datum="wgs84")
    assert corrected(connection, district, settings, report, back).number == 3
    kept = corrections.corrections(connection, (report, at))
    assert [c.was["category"] for c in kept] == [RUBBISH, RUBBISH, FUMES]
    assert counted(connection, district, settings) == []
    with pytest.raises(sa.exc.IntegrityError, match="rows are kept"), connection.begin_nested():
        connection.execute(t.report_correction.delete())


def test_a_category_alone_leaves_the_placement(connection, district, settings) -> None:
    ((report, _),) = send(connection, district, settings, RUBBISH, accuracy_m=300.0)
    before = reports.get(connection, district.code, report)
    assert before.needs_review
    after = corrected(connection, district, settings, report, Change(category=FUMES)).after
    assert after.placement == before.placement
    assert after.needs_review


@pytest.mark.parametrize(
    ("change", "given", "error", "match"),
    [
        (Change(), {}, BadInput, "already"),
        (Change(category=RUBBISH), {}, BadInput, "already"),
        (Change(category="matter-0"), {}, BadInput, "is not a category"),
        (Change(lon=1.0), {}, BadCoordinate, "lat"),
        (Change(lon=109.48, lat=36.6), {}, BadInput, "datum"),
        (Change(lon=10.0, lat=36.6, datum="wgs84"), {}, BadCoordinate, "location"),
        (NEXT_DOOR, {"reason": " "}, BadInput, "reason"),
        (NEXT_DOOR, {"actor": MEMBER.__class__("x")}, Forbidden, "correcting"),
    ],
)
def test_what_is_refused_changes_nothing(connection, district, settings, change, given, error, match) -> None:
    ((report, at),) = send(connection, district, settings, RUBBISH)
    before = reports.get(connection, district.code, report)
    with pytest.raises(error, match=match):
        corrected(connection, district, settings, report, change, **given)
    assert reports.get(connection, district.code, report) == before
    assert corrections.corrections(connection, (report, at)) == []
    there = Jurisdiction("there", "别处")
    areas.add_jurisdiction(connection, there)
    with pytest.raises(NotFound):
        corrected(connection, there, settings, report, Change(category=RUBBISH))


def a_case(connection, district, settings, category=RUBBISH):
    ((report, at),) = send(connection, district, settings, category)
    (case,) = collect(connection, district, [[(report, at)]], MEMBER, at=START)
    for hours, name in enumerate(("file", "dispatch"), 1):
        make(connection, district, settings, case, name, OFFICE, at=START + timedelta(hours=hours))
    return report, case


def test_a_case_goes_to_whom_it_belongs_now(connection, district, settings) -> None:
    report, case = a_case(connection, district, settings)
    corrected(connection, district, settings, report, NEXT_DOOR)
    after = store.get(connection, district.code, case)
    assert (after.state, after.grid.code, after.waiting_for) == ("filed", "g2", ())
    last = store.histories(connection, [case])[case][-1].move
    assert (last.move, last.actor) == ("correct", OFFICE.name)
    assert last.details == {"report": str(report), "number": 1, "changed": ["place"], "rerouted": True}
    sent = make(connection, district, settings, case, "dispatch", OFFICE, at=LATER)
    assert sent.waiting_for == ("post:community_officer@community:c1",)
    told = [notice.kind for notice in notices.told(connection, district.code, [report])[report]]
    assert told == ["collected", "filed", "corrected"]


def test_a_case_that_stays_with_the_same_recipients_stays_where_it_is(connection, district, settings) -> None:
    report, case = a_case(connection, district, settings)
    corrected(connection, district, settings, report, Change(category="matter-06011"))
    after = store.get(connection, district.code, case)
    assert (after.state, after.category) == ("dispatched", "matter-06011")


@pytest.mark.parametrize(("change", "state"), [(NEXT_DOOR, "filed"), (Change("matter-06011"), "dispatched")])
def test_a_suspended_case_is_resumed_as_whom_it_belongs_to_demands(
    connection, district, settings, change, state
) -> None:
    report, case = a_case(connection, district, settings)
    make(connection, district, settings, case, "suspend", OFFICE, reason="待施工", at=LATER)
    corrected(connection, district, settings, report, change)
    held = store.get(connection, district.code, case)
    assert (held.state, bool(held.waiting_for)) == ("suspended", state == "dispatched")
    resumed = make(connection, district, settings, case, "resume", OFFICE, reason="开工", at=LATER)
    assert resumed.state == state
    history = [link.move for link in store.histories(connection, [case])[case]]
    going_by = local(connection, district, settings)
    found = clocks(history, held.category, going_by.rules, going_by.calendar, LATER)
    waits = {"filed": ["dispatch"], "dispatched": ["acknowledge", "handle"]}
    assert sorted(clock.milestone for clock in running(found)) == waits[state]


def test_a_case_becomes_private_with_its_category(connection, district, settings) -> None:
    report, case = a_case(connection, district, settings)
    corrected(connection, district, settings, report, Change(category="local-dispute"))
    assert store.get(connection, district.code, case).private


def test_a_report_of_a_merged_case_is_told_in_the_one_that_is_left(connection, district, settings) -> None:
    report, case = a_case(connection, district, settings)
    _, other = a_case(connection, district, settings)
    into = {"into": str(other)}
    make(connection, district, settings, case, "merge", OFFICE, reason="同一处", details=into, at=LATER)
    corrected(connection, district, settings, report, NEXT_DOOR)
    left = store.get(connection, district.code, other)
    assert (left.grid.code, left.state) == ("g1", "dispatched")  # its own report did not move
    assert store.histories(connection, [other])[other][-1].move.move == "correct"


@pytest.fixture
def uncut(database, tmp_path):
    """(owner, two reports in g1, an edition of grids that nothing was cut to)"""
    owner = Jurisdiction("test", "测试街道", "Test")
    with database.writing() as connection:
        areas.add_jurisdiction(connection, owner)
        settle(connection, owner, tmp_path)
        (first, _), (second, _), _ = send(connection, owner, database.settings, RUBBISH, RUBBISH, FUMES)
        (edition,) = [e for e in areas.editions(connection, owner.code) if e.kind == "grid"]
    return owner, first, second, edition.id


def cuts_of(database) -> list:
    with database.reading() as connection:
        return sorted(connection.execute(sa.select(t.report_cut)).all())


def test_cuts_follow(database, uncut) -> None:
    """A report that was cut to an edition lies there, corrected, where it would if it were cut now."""
    (owner, first, second, edition), settings = uncut, database.settings
    recut(database, owner, edition)
    with database.writing() as connection:
        corrected(connection, owner, settings, first, NEXT_DOOR)
        corrected(connection, owner, settings, second, Change(category=FUMES))
        assert counted(connection, owner, settings) == []
        month, span = date(2023, 12, 1), (SEEN - timedelta(days=1), SEEN + timedelta(days=1))
        assert counts.recount(connection, owner.code, month, span, settings.near_edge_m, edition) == []
    kept = cuts_of(database)
    recut(database, owner, edition)
    assert cuts_of(database) == kept


def wait_for_waiting(connection, count: int) -> None:
    """Until so many wait for a lock in this database."""
    waiting = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
    query = sa.text(f"{waiting} WHERE NOT l.granted AND d.datname = current_database()")
    deadline = time.monotonic() + 30
    while connection.scalar(query) < count:
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.02)


def test_a_cut_begun_during_a_correction_waits_for_it(database, uncut) -> None:
    owner, first, _, edition = uncut
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as connection:
            corrected(connection, owner, database.settings, first, NEXT_DOOR)
            cutting = pool.submit(recut, database, owner, edition)
            wait_for_waiting(connection, 1)
        cutting.result(30)
    kept = cuts_of(database)
    recut(database, owner, edition)
    assert cuts_of(database) == kept


def test_a_correction_during_a_cut_waits_for_it(database, uncut) -> None:
    """The cut has read the report where it was, and is held up before it writes."""
    owner, first, _, edition = uncut

    def correct() -> None:
        with database.writing() as connection:
            corrected(connection, owner, database.settings, first, NEXT_DOOR)

    with ThreadPoolExecutor(2) as pool:
        with database.engine.begin() as holding:
            holding.execute(sa.text("LOCK TABLE report_cut IN SHARE MODE"))
            cutting = pool.submit(recut, database, owner, edition)
            wait_for_waiting(holding, 1)
            correcting = pool.submit(correct)
            wait_for_waiting(holding, 2)
        cutting.result(30)
        correcting.result(30)
    kept = cuts_of(database)
    recut(database, owner, edition)
    assert cuts_of(database) == kept
