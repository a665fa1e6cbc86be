"""Sight as the database works it out is what Python says, whatever duties there are, on every day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from gridmap.areas import loading as area_files
from gridmap.areas.model import Jurisdiction
from gridmap.database import tables as t
from gridmap.people import intake, sight, store
from gridmap.people.model import NewDuty
from tests.people.conftest import EAST, MIDDLE, WEST, rectangle

START = date(2023, 1, 1)
SPLIT = date(2023, 7, 1)  # g2 becomes g2a and g2b, b1 is drawn anew
AREAS = {
    "subdistrict": ["s"],
    "community": ["c1", "gone"],
    "grid": ["g1", "g2", "g2a", "g2b"],
    "building": ["b1", "b2"],
    "unit": ["b1-1", "b1-12", "b2-3", "b9-1"],
    "compound": ["b1"],  # a code of another kind
}
POSTS = ("grid_member", "grid_chief", "unit_chief", "office")
WHERE = [(kind, code) for kind, codes in AREAS.items() for code in codes]

DUTY = st.tuples(
    st.sampled_from(["p1", "p2"]),
    st.sampled_from(POSTS),
    st.sampled_from(WHERE),
    st.integers(0, 400),
    st.one_of(st.none(), st.integers(0, 400)),  # how many days; 0: it never was
)


@pytest.fixture
def divided(connection: Connection, district: Jurisdiction, tmp_path: Path) -> Jurisdiction:
    """The district, with a second edition of grids and buildings from SPLIT on."""
    middle = (MIDDLE + EAST) / 2
    later = {
        "grid": [("g1", "c1", WEST, MIDDLE), ("g2a", "c1", MIDDLE, middle), ("g2b", "c1", middle, EAST)],
        "building": [("b1", "c1", WEST, WEST + 0.0004)],
    }
    for kind, areas in later.items():
        features = [
            {"type": "Feature", "properties": {"code": code, "parent": parent, "name": code}, "geometry": g}
            for code, parent, west, east in areas
            for g in [rectangle(west, east)]
        ]
        path = tmp_path / f"later-{kind}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        area_files.import_file(connection, district, path, kind=kind, valid_from=SPLIT)
    return district


def of_database(connection: Connection, jurisdiction: str, person: str, day: date) -> tuple[bool, set]:
    """(everything, (kind, code) of each version that is seen)."""
    ids = connection.scalar(sa.select(sa.func.sight_of(jurisdiction, person, day)))
    v = t.area_version.c
    found = connection.execute(sa.select(v.kind, v.code, v.id, v.jurisdiction).where(v.id.in_(ids))).all()
    assert {row.jurisdiction for row in found} <= {jurisdiction}
    codes = {(row.kind, row.code) for row in found}
    known = connection.execute(sa.select(v.kind, v.code, v.id).where(v.jurisdiction == jurisdiction))
    whole = {row.id for row in known if (row.kind, row.code) in codes}  # of whichever edition
    assert set(ids) - {-1} == whole
    return -1 in ids, codes


def of_python(connection: Connection, jurisdiction: str, person: str, day: date) -> tuple[bool, set]:
    found = sight.of_person(connection, jurisdiction, person, day)
    v = t.area_version.c
    known = {
        tuple(row)
        for row in connection.execute(sa.select(v.kind, v.code).where(v.jurisdiction == jurisdiction))
    }
    return found.everything, {(k, c) for k, codes in found.areas.items() for c in codes} & known


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    duties=st.lists(DUTY, max_size=6, unique_by=lambda d: d[:3]),
    days=st.lists(st.integers(-1, 800), min_size=1),
)
def test_sight_is_the_same_in_both(connection, divided, duties, days) -> None:
    code = divided.code
    with connection.begin_nested() as attempt:
        new = [
            NewDuty(person, post, kind, area, None, START + timedelta(begin),
                    None if length is None else START + timedelta(begin + length))
            for person, post, (kind, area), begin, length in duties
        ]  # fmt: skip
        store.begin(connection, code, new, "test")
        edges = {each.valid_from for each in new} | {each.valid_to for each in new if each.valid_to}
        asked = {START + timedelta(day) for day in days} | edges | {edge - timedelta(1) for edge in edges}
        for day in sorted(asked):
            for person in ("p1", "p2", "p3"):
                assert of_database(connection, code, person, day) == of_python(connection, code, person, day)
        attempt.rollback()


def test_a_duty_that_moves_by_a_day_takes_its_sight_along(connection, divided) -> None:
    duties = {}
    for person, begin in (("p1", START), ("p2", SPLIT)):
        until = SPLIT if person == "p1" else None
        duties[person] = NewDuty(person, "grid_member", "grid", "g1", None, begin, until)
        intake.begin(connection, divided, duties[person], "test")
    eve = SPLIT - timedelta(days=1)
    seen = {
        (person, day): of_database(connection, divided.code, person, day)[1]
        for person in duties
        for day in (eve, SPLIT)
    }
    assert seen == {
        ("p1", eve): {("grid", "g1")},
        ("p1", SPLIT): set(),
        ("p2", eve): set(),
        ("p2", SPLIT): {("grid", "g1")},
    }


def test_today_is_that_of_the_jurisdiction(connection, divided) -> None:
    """Half of the world is a day ahead of the other."""
    for zone, far in (("Pacific/Kiritimati", 14), ("Pacific/Pago_Pago", -11)):
        connection.execute(sa.text("UPDATE jurisdiction SET time_zone = :zone"), {"zone": zone})
        connection.execute(sa.text("SELECT set_config('gridmap.jurisdiction', 'test', true)"))
        told = connection.execute(sa.text("SELECT asker_today(), (now() AT TIME ZONE 'UTC' + :far)::date"),
                                  {"far": timedelta(hours=far)}).one()  # fmt: skip
        assert told[0] == told[1]
