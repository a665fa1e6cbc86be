"""Duties from day to day: who holds what, moves, mistakes, people who leave; and what is written down."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, Conflict, NotFound
from gridmap.people import intake, persons, roster, sight, store
from gridmap.people.model import Duty, NewDuty, Party
from tests.people.conftest import DAY

LATER = DAY + timedelta(days=30)


def begin(connection: Connection, district: Jurisdiction, person: str, post: str, code: str, **rest):
    desk = intake.open_desk(connection, district)
    words = {"valid_from": DAY} | rest
    new = intake.checked(desk, person=person, post=post, area_code=code, **words)
    return intake.begin(connection, district, new, "test")


def held(connection: Connection, district: Jurisdiction, day: date) -> set[tuple[str, str]]:
    return {(d.person, d.area_code) for d in store.duties(connection, district.code, day=day)}


SPANS = st.tuples(st.integers(0, 60), st.integers(1, 40) | st.none())


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["p1", "p2"]), st.sampled_from(["g1", "g2"]), SPANS), max_size=8))
def test_on_any_day_the_holders_are_those_whose_span_holds_it(connection, district, wanted) -> None:
    """And the same duty never has two spans that meet, which is refused before the database has to."""
    point = connection.begin_nested()
    kept: list[NewDuty] = []
    for person, grid, (first, length) in wanted:
        until = DAY + timedelta(days=first + length) if length else None
        new = NewDuty(person, "grid_chief", "grid", grid, None, DAY + timedelta(days=first), until)
        meets = any(
            old.key == new.key
            and (old.valid_to is None or new.valid_from < old.valid_to)
            and (new.valid_to is None or old.valid_from < new.valid_to)
            for old in kept
        )
        if meets:
            with pytest.raises(Conflict, match="already"):
                intake.begin(connection, district, new, "test")
        else:
            intake.begin(connection, district, new, "test")
            kept.append(new)
    whole = roster.read(connection, district.code)
    for day in (DAY + timedelta(days=n) for n in range(-1, 102)):
        expected = {
            (d.person, d.area_code)
            for d in kept
            if d.valid_from <= day and (d.valid_to is None or day < d.valid_to)
        }
        assert held(connection, district, day) == expected
        assert {
            (d.person, d.area_code) for g in ("g1", "g2") for d in whole.holders("grid", g, day)
        } == expected
    point.rollback()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 50), st.none() | st.integers(51, 90))
def test_a_move_ends_one_and_begins_another(connection, district, after, length) -> None:
    point = connection.begin_nested()
    until = DAY + timedelta(days=length) if length else None
    old = begin(connection, district, "p1", "grid_chief", "g1", valid_to=until)
    on = DAY + timedelta(days=after)
    new = intake.move(connection, district, old, on, "test", area_code="g2")
    assert new != old
    assert held(connection, district, on - timedelta(days=1)) == {("p1", "g1")}
    assert held(connection, district, on) == {("p1", "g2")}
    ended, begun = (store.duty_of(connection, district.code, id_) for id_ in (old, new))
    assert (ended.valid_from, ended.valid_to, begun.valid_from, begun.valid_to) == (DAY, on, on, until)
    point.rollback()


def test_a_move_to_another_person(connection, district) -> None:
    old = begin(connection, district, "p1", "grid_chief", "g1")
    intake.move(connection, district, old, LATER, "test", area_code="g1", person="p2")
    assert held(connection, district, LATER) == {("p2", "g1")}
    last = store.duties(connection, district.code, day=LATER)[0]
    with pytest.raises(BadInput, match="there already"):
        intake.move(connection, district, last.id, LATER + timedelta(days=1), "test", area_code="g1")


def test_what_has_not_begun_moves_whole_and_what_has_ended_not_at_all(connection, district) -> None:
    old = begin(
        connection, district, "p1", "grid_chief", "g1", valid_from=LATER, valid_to=LATER + timedelta(9)
    )
    new = intake.move(connection, district, old, DAY, "test", area_code="g2")
    assert held(connection, district, DAY) == set()
    assert held(connection, district, LATER) == {("p1", "g2")}
    with pytest.raises(Conflict, match="ended"):
        intake.move(connection, district, new, LATER + timedelta(9), "test", area_code="g1")


def test_several_hold_one_post_and_one_holds_several(connection, district) -> None:
    begin(connection, district, "p1", "grid_chief", "g1")
    begin(connection, district, "p2", "网格长", "g1")
    begin(connection, district, "p1", "Grid chief", "g2")
    assert held(connection, district, DAY) == {("p1", "g1"), ("p2", "g1"), ("p1", "g2")}


def test_what_was_recorded_by_mistake_never_was(connection, district) -> None:
    id_ = begin(connection, district, "p1", "grid_chief", "g1")
    intake.end(connection, district, id_, DAY, "corrector")
    assert store.duties(connection, district.code) == []
    with pytest.raises(NotFound):
        store.duty_of(connection, district.code, id_)
    last = store.changes(connection, district.code, subject="duty", key=str(id_))
    assert [(each.recorded_by, each.was is None) for each in last] == [("corrector", False), ("test", True)]
    assert last[0].was["valid"] == f"[{DAY},)"
    assert last[0].now["valid"] == "empty"
    begin(connection, district, "p1", "grid_chief", "g1")  # and its place is free


def test_an_end_is_told_once(connection, district) -> None:
    id_ = begin(connection, district, "p1", "grid_chief", "g1")
    intake.end(connection, district, id_, LATER, "test")
    with pytest.raises(Conflict, match="ended"):
        intake.end(connection, district, id_, LATER, "test")
    with pytest.raises(NotFound):
        intake.end(connection, district, uuid4(), LATER, "test")


def test_who_leaves_ends_their_duties(connection, district) -> None:
    begin(connection, district, "p1", "grid_chief", "g1")
    begin(connection, district, "p1", "building_chief", "b1", valid_to=DAY + timedelta(days=3))
    begin(connection, district, "p1", "unit_chief", "b1-2", valid_from=LATER + timedelta(days=9))
    assert persons.leave(connection, district, "p1", LATER, "test") == persons.Left(2, ())
    assert (
        held(connection, district, LATER) == held(connection, district, LATER + timedelta(days=99)) == set()
    )
    assert len(held(connection, district, LATER - timedelta(days=1))) == 1
    assert store.person(connection, district.code, "p1").left_on == LATER
    assert "p1" not in {p.code for p in store.persons(connection, district.code, day=LATER)}
    with pytest.raises(BadInput, match="left on"):
        begin(connection, district, "p1", "grid_chief", "g2", valid_from=LATER)
    with pytest.raises(BadInput, match="ends that day or earlier"):
        begin(connection, district, "p1", "grid_chief", "g2")


@pytest.mark.parametrize(
    ("words", "field", "right"),
    [
        ({"person": "p9"}, "person", "near it are p1, p2, p3|add people"),
        ({"post": "mayor"}, "post", r"grid_chief \(网格长\)"),
        ({"area_code": "g3"}, "area_code", "no grid 'g3'"),
        ({"area_kind": "building"}, "area_kind", "that is grid"),
        ({"post": "department_officer"}, "area_kind", "subdistrict or community or grid"),
        ({"post": "unit_chief", "area_code": "b1-3"}, "area_code", "b1 has 2 units; there is no unit 3"),
        ({"post": "unit_chief", "area_code": "b2-2"}, "area_code", "b2 has 1 unit; there is no unit 2"),
        ({"post": "unit_chief", "area_code": "b4-1"}, "area_code", "b4 has no units"),
        ({"post": "unit_chief", "area_code": "b1"}, "area_code", "a hyphen and the unit's number"),
        ({"post": "unit_chief", "area_code": "b1-01"}, "area_code", "a hyphen"),
        ({"post": "unit_chief", "area_code": "b9-1"}, "area_code", "no building 'b9'"),
        ({"party": "squad"}, "party", "acts for no party"),
        ({"post": "department_officer", "area_kind": "grid"}, "party", "squad, market, police, justice"),
        ({"post": "department_officer", "area_kind": "网格", "party": "x"}, "party", "no party 'x'"),
        ({"post": "department_officer", "area_kind": "grid", "party": "co"}, "party", "is of kind property"),
        ({"valid_to": DAY}, "valid_to", "not after"),
        ({"valid_from": date(1949, 10, 1)}, "valid_from", "from 1990"),
    ],
)
def test_a_wrong_duty_names_the_field_and_what_is_right(connection, district, words, field, right) -> None:
    given_ = {"person": "p1", "post": "grid_chief", "area_code": "g1", "valid_from": DAY} | words
    with pytest.raises(BadInput, match=right) as caught:
        intake.checked(intake.open_desk(connection, district), **given_)
    assert caught.value.field == field


def test_units_of_a_building_that_tells_none_are_taken(connection, district) -> None:
    begin(connection, district, "p1", "unit_chief", "b3-7")
    assert held(connection, district, DAY) == {("p1", "b3-7")}


def test_a_party_has_its_days(connection, district) -> None:
    store.put_parties(connection, district.code, [Party("old", "squad", "旧中队", valid_to=DAY)], "test")
    with pytest.raises(BadInput, match="does not exist on"):
        begin(connection, district, "p1", "department_officer", "g1", area_kind="grid", party="old")


def test_the_database_keeps_duties_and_their_history(connection, district) -> None:
    begin(connection, district, "p1", "grid_chief", "g1")
    for statement, said in (
        ("DELETE FROM duty", "duties are kept"),
        ("TRUNCATE duty", "duties are kept"),
        ("UPDATE duty SET area_code = 'g2'", "duties are kept"),
        ("UPDATE duty SET valid = daterange('2020-01-01', NULL)", "duties are kept"),
        ("DELETE FROM person", "rows are kept"),
        ("UPDATE people_change SET recorded_by = 'nobody'", "rows are kept"),
        ("DELETE FROM people_change", "rows are kept"),
        ("TRUNCATE people_change", "rows are kept"),
    ):
        with pytest.raises(sa.exc.IntegrityError, match=said), connection.begin_nested():
            connection.execute(sa.text(statement))
    new = NewDuty("p1", "grid_chief", "grid", "g1", None, LATER)
    with pytest.raises(sa.exc.IntegrityError, match="ex_duty_valid"), connection.begin_nested():
        store.begin(connection, district.code, [new], "test")


def test_sight_is_the_duties_areas_and_all_below(connection, district) -> None:
    def of(person: str) -> sight.Sight:
        return sight.of_person(connection, district.code, person, DAY)

    begin(connection, district, "p1", "grid_chief", "g1")
    begin(connection, district, "p1", "unit_chief", "b2-1")
    begin(connection, district, "p2", "office", "s")
    begin(connection, district, "p3", "community_officer", "c1", valid_from=LATER)
    assert of("p1").sees({"community": "c1", "grid": "g1", "building": None})
    assert of("p1").sees({"community": "c1", "grid": "g2", "building": "b2"})
    assert not of("p1").sees({"community": "c1", "grid": "g2", "building": "b3"})
    assert of("p2").everything
    assert not of("p3").sees({"community": "c1", "grid": "g1"})
    for roles, person, seen in (
        (["office"], None, True),
        (["member"], "p1", True),
        (["member"], None, False),
    ):
        found = sight.of(connection, district.code, roles, person, DAY)
        assert found.sees({"community": "c1", "grid": "g1"}) is seen


def test_duties_are_of_their_jurisdiction(connection, district) -> None:
    id_ = begin(connection, district, "p1", "grid_chief", "g1")
    assert store.duties(connection, "elsewhere") == []
    with pytest.raises(NotFound):
        store.duty_of(connection, "elsewhere", id_)
    assert isinstance(store.duties(connection, district.code)[0], Duty)
