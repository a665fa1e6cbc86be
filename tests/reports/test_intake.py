"""A report is validated, placed on the boundaries of its own day and stored once, or refused by field."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.areas import store as areas
from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import NewArea
from gridmap.database import copying
from gridmap.database import tables as t
from gridmap.database.sessions import Database
from gridmap.geometry.datums import from_wgs84
from gridmap.reports import intake, store
from gridmap.reports.model import NewReport, Outcome
from gridmap.reports.times import microseconds
from tests.reports.conftest import EVENING, TOWN, draft, grids, load


def record(town: Database, *drafts: NewReport) -> list[Outcome]:
    return intake.record(town, TOWN, drafts)


def stored(town: Database, outcome: Outcome):
    assert outcome.report_id is not None
    with town.reading() as connection:
        return store.get(connection, TOWN.code, outcome.report_id)


def test_a_report_is_told_its_grid_and_community(town) -> None:
    (outcome,) = record(town, draft())
    assert outcome.status == "created"
    placement = outcome.placement
    assert (placement.grid.code, placement.community.code, placement.method) == ("S0", "S", "covers")
    assert placement.edge_distance_m == pytest.approx(447, rel=0.01)  # half a column's width
    report = stored(town, outcome)
    assert report.placement == placement
    assert report.occurred_at == EVENING
    assert report.id.version == 7


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000"])
def test_every_datum_lands_in_the_same_grid_and_is_kept_as_given(town, datum) -> None:
    lon, lat = (float(v) for v in from_wgs84(109.4705, 36.605, datum))
    (outcome,) = record(town, draft(lon, lat, datum=datum))
    report = stored(town, outcome)
    assert report.placement.grid.code == "S0"
    assert (report.lon, report.lat, report.datum) == (lon, lat, datum)
    assert report.wgs84 == pytest.approx((109.4705, 36.605), abs=1e-9)


def test_a_shared_edge_belongs_to_the_smallest_code(town) -> None:
    edge, corner = record(town, draft(109.48, 36.605), draft(109.48, 36.61))
    assert edge.placement.grid.code == "S0"
    assert corner.placement.grid.code == "N0"
    assert edge.placement.edge_distance_m == pytest.approx(0, abs=1e-6)


def test_outside_is_kept_and_near_is_given_to_the_nearest(town) -> None:
    near, far = record(town, draft(109.4697, 36.605), draft(109.46, 36.605))
    assert (near.placement.method, near.placement.grid.code) == ("nearest", "S0")
    assert (far.placement.method, far.placement.grid, far.placement.community) == ("outside", None, None)
    assert stored(town, far).wgs84 == pytest.approx((109.46, 36.605))


def test_a_named_compound_places_by_its_larger_part_and_asks_for_a_person(town) -> None:
    by_name, by_code = record(
        town, draft(None, None, named_area="河边小区"), draft(None, None, named_area=" C1 ", description="b")
    )
    assert by_name.placement.method == "named"
    assert (by_name.placement.grid.code, by_name.placement.compound.code) == ("S0", "C1")
    assert dict(by_name.placement.candidates) == pytest.approx({"S0": 0.75, "S1": 0.25}, abs=1e-3)
    assert stored(town, by_name).needs_review
    assert by_code.placement == by_name.placement


def test_an_accuracy_gives_probabilities_and_asks_for_a_person_near_an_edge(town) -> None:
    sure, unsure = record(town, draft(accuracy_m=30.0), draft(109.4799, 36.605, accuracy_m=60.0))
    assert dict(sure.placement.candidates) == {"S0": pytest.approx(1)}
    assert not stored(town, sure).needs_review
    shares = dict(unsure.placement.candidates)
    assert shares["S0"] > shares["S1"] > 0.2
    assert sum(shares.values()) == pytest.approx(1)
    assert stored(town, unsure).needs_review


def test_the_same_again_is_known_and_another_body_conflicts(town) -> None:
    first = draft(client_id="a")
    created, known, conflict = record(town, first, first, replace(first, description="别的"))
    assert (created.status, known.status, conflict.status) == ("created", "known", "conflict")
    assert known.report_id == created.report_id
    again, other = record(town, first, replace(first, lat=36.606))
    assert (again.status, again.report_id, again.placement) == ("known", created.report_id, created.placement)
    assert other.status == "conflict"
    assert other.error.field == "client_id"
    with town.reading() as connection:
        assert store.count(connection, TOWN.code) == 1


def test_without_an_id_the_content_is_the_id(town) -> None:
    assert [o.status for o in record(town, draft(), draft(), draft(description="c"))] == [
        "created",
        "known",
        "created",
    ]


FUTURE = datetime.now(UTC) + timedelta(days=3)
BAD = {
    "nan": ({"lon": math.nan}, "lon"),
    "infinity": ({"lat": math.inf}, "lat"),
    "latitude over 90": ({"lat": 91.0}, "lat"),
    "longitude over 180": ({"lon": 181.0}, "lon"),
    "swapped": ({"lon": 36.605, "lat": 109.475}, "lat"),
    "half a coordinate": ({"lat": None}, "lat"),
    "zero": ({"lon": 0.0, "lat": 0.0}, "location"),
    "far": ({"lon": 116.39, "lat": 39.91}, "location"),
    "no datum": ({"datum": None}, "datum"),
    "unknown datum": ({"datum": "beijing54"}, "datum"),
    "negative accuracy": ({"accuracy_m": -1.0}, "accuracy_m"),
    "nan accuracy": ({"accuracy_m": math.nan}, "accuracy_m"),
    "unknown category": ({"category": "matter-99999"}, "category"),
    "naive time": ({"occurred_at": datetime(2023, 6, 1)}, "occurred_at"),
    "future": ({"occurred_at": FUTURE}, "occurred_at"),
    "before 1990": ({"occurred_at": datetime(1970, 1, 1, tzinfo=UTC)}, "occurred_at"),
    "NUL": ({"description": "a\0b"}, "description"),
    "lone surrogate": ({"description": "a\ud800b"}, "description"),
    "too long": ({"description": "长" * 5_001}, "description"),
    "empty id": ({"client_id": " "}, "client_id"),
    "NUL in id": ({"client_id": "a\0"}, "client_id"),
    "line break in id": ({"client_id": "a\nb"}, "client_id"),
    "first day of all": ({"occurred_at": datetime(1, 1, 1, tzinfo=EVENING.tzinfo)}, "occurred_at"),
    "nothing to place by": ({"lon": None, "lat": None, "datum": None}, "location"),
    "unknown compound": ({"lon": None, "lat": None, "named_area": "无名小区"}, "named_area"),
}


def test_what_is_wrong_is_refused_by_field_and_its_neighbours_are_stored(town) -> None:
    drafts = [draft(**{"client_id": f"bad-{name}"} | changes) for name, (changes, _) in BAD.items()]
    outcomes = record(town, *drafts, draft(client_id="good"))
    assert [o.status for o in outcomes] == ["refused"] * len(BAD) + ["created"]
    assert {name: o.error.field for name, o in zip(BAD, outcomes, strict=False)} == {
        name: field for name, (_, field) in BAD.items()
    }
    with town.reading() as connection:
        assert store.count(connection, TOWN.code) == 1


def test_a_refusal_says_what_would_be_right(town) -> None:
    swapped, far, zero = record(
        town, draft(36.605, 80.0), draft(116.39, 39.91, client_id="b"), draft(0.0, 0.0, client_id="c")
    )
    assert "200 km" in far.error.message
    assert "knows no position" in zero.error.message
    assert "lon" in swapped.error.message


def test_a_report_keeps_the_boundaries_of_its_own_day(town) -> None:
    (before,) = record(town, draft(109.481, 36.605, client_id="before"))
    moved = [NewArea("S0", "S0格", shapely.box(109.47, 36.60, 109.49, 36.61), "S")]
    with town.writing() as connection:
        load(
            connection,
            "grid",
            [*moved, *(g for g in grids() if g.code not in ("S0", "S1"))],
            date(2023, 7, 1),
        )
    late = draft(109.481, 36.605, occurred_at=EVENING + timedelta(days=30), client_id="late")
    back = draft(109.481, 36.605, client_id="back")
    after, backdated = record(town, late, back)
    assert after.placement.grid.code == "S0"
    assert backdated.placement.grid.code == "S1"
    assert stored(town, before).placement.grid.code == "S1"


def test_a_batch_is_one_transaction(town, monkeypatch) -> None:
    """Whatever fails in the middle, nothing of the batch is there."""

    def torn(*told):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "copy_reports", torn)
        with pytest.raises(KeyboardInterrupt):
            record(town, draft(client_id="x"))
    with town.reading() as connection:
        assert store.keys(connection, TOWN.code, ["x"]) == {}


def test_the_same_id_raced_by_threads_is_stored_once(town) -> None:
    drafts = [draft(client_id=f"race-{n}") for n in range(40)]
    results: list[list[Outcome]] = []

    def run(order: int) -> None:
        results.append(record(town, *(drafts if order % 2 else drafts[::-1])))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = [outcome.status for result in results for outcome in result]
    assert statuses.count("created") == 40
    assert statuses.count("known") == 200


def test_a_batch_waits_while_editions_are_loaded_and_is_placed_on_them(town) -> None:
    """Without the lock, a report could be placed on boundaries that end before it is stored."""
    done = threading.Event()
    outcomes: list[Outcome] = []

    def post() -> None:
        outcomes.extend(record(town, draft(109.481, 36.605)))
        done.set()

    with town.writing() as connection:
        wide = NewArea("S0", "S0格", shapely.box(109.47, 36.60, 109.49, 36.61), "S")
        others = [g for g in grids() if g.code not in ("S0", "S1")]
        load(connection, "grid", [wide, *others], date(2023, 1, 1))
        thread = threading.Thread(target=post)
        thread.start()
        assert not done.wait(1), "it was recorded while an edition was being loaded"
    thread.join(20)
    assert outcomes[0].placement.grid.code == "S0"


def claim(connection, client_id: str) -> bool:
    """Whether it was free."""
    columns = {
        "jurisdiction": copying.texts([TOWN.code]),
        "client_id": copying.texts([client_id]),
        "report_id": copying.fixed(np.frombuffer(intake.new_ids(1)[0].bytes, np.uint8).reshape(1, 16)),
        "occurred_at": copying.times(np.array([microseconds(EVENING)])),
        "body_sha256": copying.fixed(np.zeros((1, 32), np.uint8)),
        "sent_by": copying.texts([None]),
    }
    free, _ = store.claim_keys(connection, TOWN.code, [client_id], columns)
    return bool(free[0])


def test_batches_with_ids_in_common_do_not_deadlock(town) -> None:
    """Two batches that hold each other's ids claim them in one order, whatever order they came in."""
    first, second = draft(client_id="a"), draft(client_id="b")
    intake.prepare_months(town, [EVENING])
    with town.engine.connect() as one, town.engine.connect() as two:
        begun = one.begin(), two.begin()
        claim(one, "a")
        started = threading.Event()
        outcomes: list[Outcome] = []

        def other() -> None:
            started.set()
            outcomes.extend(intake.record_batch(two, TOWN, [second, first], settings=town.settings))

        thread = threading.Thread(target=other)
        thread.start()
        started.wait()
        thread.join(1)
        assert thread.is_alive(), "the second must wait for the first at `a`"
        # had it taken `b` before waiting for `a`, this would be a deadlock
        one.execute(sa.text("SET LOCAL lock_timeout = '3s'"))
        assert claim(one, "b")
        begun[0].rollback()
        thread.join(20)
        assert [outcome.status for outcome in outcomes] == ["created", "created"]
        begun[1].rollback()


def test_ids_are_in_order_and_unlike(town) -> None:
    ids = intake.new_ids(1000)
    assert len(set(ids)) == 1000
    assert all(isinstance(id_, UUID) and id_.version == 7 for id_ in ids)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(109.46, 109.51), st.floats(36.59, 36.63)), min_size=1, max_size=50))
def test_process_and_sql_place_alike(town, points) -> None:
    day = date(2023, 6, 18)
    with town.reading() as connection:
        atlas = current_atlas(connection, TOWN.code)
        lon, lat = np.array(points).T
        placed = atlas.place(lon, lat, [day] * len(points))
        for row, (x, y) in enumerate(points):
            judged = areas.covering(connection, TOWN.code, "grid", x, y, day)
            mine = atlas.by_id.get(int(placed.grid[row])) if placed.method[row] == 0 else None
            assert (mine and mine.id) == (judged and judged.id)


def test_nothing_is_stored_under_a_jurisdiction_that_is_not_there(town) -> None:
    """No foreign key says so: what has no areas refuses every report, with a coordinate or a name."""
    nobody = replace(TOWN, code="nobody")
    drafts = [draft(), draft(None, None, named_area="C1", client_id="mine")]
    outcomes = intake.record(town, nobody, drafts)
    assert [outcome.status for outcome in outcomes] == ["refused", "refused"]
    assert [outcome.error.field for outcome in outcomes] == ["location", "named_area"]
    with town.reading() as connection:
        for table in (t.report, t.report_key, t.report_delta):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
