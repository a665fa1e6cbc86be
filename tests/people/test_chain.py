"""Who answers for a place: the chain from the nearest post up, vacancies and fallback; in SQL and memory."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmap.areas.atlas import current_atlas
from gridmap.database.asker import Asker
from gridmap.errors import BadInput
from gridmap.people import intake, roster, store
from gridmap.people.chain import Who
from gridmap.people.model import Vacancy
from gridmap.people.sight import shows_people
from gridmap.people.telling import told
from tests.people.conftest import DAY, EAST, MIDDLE, NORTH, SOUTH, WEST

INSIDE = {  # building -> a point in it
    "b1": (WEST + 0.0002, 36.611),
    "b2": (MIDDLE + 0.0002, 36.611),
    "b3": (MIDDLE + 0.0012, 36.611),
    None: (WEST + 0.0007, 36.611),
}


@pytest.fixture
def ask(connection, district):
    """ask(building, unit, day) -> Who, the same from memory and from the database."""

    def ask(building: str | None, unit: int | None = None, day=DAY) -> Who:
        atlas = current_atlas(connection, district.code)
        located = atlas.locate(*INSIDE[building], day)
        from_memory = roster.read(connection, district.code).who(atlas, located, day, unit)
        assert roster.who_now(connection, district.code, atlas, located, day, unit) == from_memory
        return from_memory

    return ask


@pytest.fixture
def hold(connection, district):
    def hold(person: str, post: str, code: str, **more) -> None:
        desk = intake.open_desk(connection, district)
        words = {"valid_from": DAY} | more
        new = intake.checked(desk, person=person, post=post, area_code=code, **words)
        intake.begin(connection, district, new, "test")

    return hold


def shape(who: Who) -> list[tuple[str, str, list[str]]]:
    return [(step.post.code, step.level.code, [d.person for d in step.holders]) for step in who.steps]


def test_the_chain_goes_from_the_unit_to_the_subdistrict(ask, hold) -> None:
    hold("p1", "unit_chief", "b1-2")
    hold("p2", "grid_chief", "g1")
    hold("p3", "grid_chief", "g1")
    hold("p3", "office", "s")
    hold("p1", "department_officer", "g1", area_kind="grid", party="squad")  # beside the chain
    assert shape(ask("b1", 2)) == [
        ("unit_chief", "b1-2", ["p1"]),
        ("building_chief", "b1", []),
        ("grid_chief", "g1", ["p2", "p3"]),
        ("grid_member", "g1", []),
        ("community_officer", "c1", []),
        ("office", "s", ["p3"]),
    ]
    assert ask("b1", 2).answers.level.code == "b1-2"
    assert not ask("b1", 2).fallback


def test_a_vacant_post_falls_back_on_the_nearest_filled(ask, hold) -> None:
    hold("p2", "community_officer", "c1")
    found = ask("b1", 1)
    assert (found.answers.post.code, found.fallback) == ("community_officer", True)
    hold("p1", "building_chief", "b1")
    assert ask("b1", 1).answers.post.code == "building_chief"
    assert ask("b2", 1).answers.post.code == "community_officer"


def test_everything_vacant_is_said(ask) -> None:
    found = ask("b1", 1)
    assert all(step.vacant for step in found.steps)
    assert found.answers is None
    assert told(found, people=True)["answers"] is None
    assert found.fallback


def test_a_unit_is_known_only_where_it_is_told_or_the_only_one(ask) -> None:
    assert shape(ask("b1"))[0] == ("building_chief", "b1", [])
    assert shape(ask("b2"))[0] == ("unit_chief", "b2-1", [])
    assert shape(ask("b3"))[0] == ("building_chief", "b3", [])
    assert shape(ask("b3", 8))[0] == ("unit_chief", "b3-8", [])  # how many it has is not known
    assert shape(ask(None))[0] == ("grid_chief", "g1", [])
    for building, unit, said in (
        ("b1", 3, "has 2 units"),
        ("b2", 2, "has one unit"),
        (None, 1, "no building"),
    ):
        with pytest.raises(BadInput, match=said) as caught:
            ask(building, unit)
        assert caught.value.field == "unit"


def test_each_day_has_its_own_answer(ask, hold) -> None:
    hold("p1", "grid_chief", "g1", valid_to=DAY + timedelta(days=10))
    hold("p2", "grid_chief", "g1", valid_from=DAY + timedelta(days=20))
    by_day = [ask(None, day=DAY + timedelta(days=n)) for n in (-1, 0, 9, 10, 19, 20)]
    assert [[d.person for d in who.steps[0].holders] for who in by_day] == [
        [],
        ["p1"],
        ["p1"],
        [],
        [],
        ["p2"],
    ]


def test_outside_every_area_there_is_the_subdistrict_alone(connection, district) -> None:
    atlas = current_atlas(connection, district.code)
    located = atlas.locate(EAST + 0.1, NORTH + 0.1, DAY)
    assert located.method == "outside"
    assert shape(roster.read(connection, district.code).who(atlas, located, DAY)) == [("office", "s", [])]


def test_names_stay_hidden_where_they_must(ask, hold) -> None:
    hold("p1", "grid_chief", "g1")
    shown, hidden = (told(ask(None), people=people)["chain"][0] for people in (True, False))
    assert shown["holders"] == [{"person": "p1", "name": "示例p1", "phone": "000-0000-0001"}]
    assert hidden["holders"] == []
    assert shown["vacant"] is hidden["vacant"] is False
    assert "示例p1" not in repr(told(ask(None), people=False))
    member = Asker("test", "account:wang", frozenset({"member"}), "p2")
    assert shows_people(member, "test")
    assert not shows_people(member, "elsewhere")
    assert not shows_people(None, "test")


def test_vacancies_are_a_fact(connection, district, hold) -> None:
    hold("p1", "grid_chief", "g1", valid_to=DAY + timedelta(days=10))
    hold("p1", "unit_chief", "b1-2")
    hold("p1", "unit_chief", "b3-1")

    def vacant(post: str, kind: str, after: int = 0) -> list[str]:
        day = DAY + timedelta(days=after)
        return [v.code for v in store.vacancies(connection, district.code, day, post, [kind])]

    assert vacant("grid_chief", "grid") == ["g2"]
    assert vacant("grid_chief", "grid", 10) == ["g1", "g2"]
    assert vacant("grid_member", "grid") == ["g1", "g2"]
    assert vacant("building_chief", "building") == ["b1", "b2", "b3", "b4"]
    assert vacant("unit_chief", "unit") == ["b1-1", "b2-1"]  # those of b3 are not known
    assert store.vacancies(connection, district.code, DAY, "unit_chief", ["unit"])[0] == Vacancy(
        "unit", "b1-1", "1号楼1单元", "b1"
    )
    assert store.vacancies(connection, "elsewhere", DAY, "grid_chief", ["grid"]) == []


def test_the_points_lie_where_they_should() -> None:
    assert all(WEST < x < EAST and SOUTH < y < NORTH for x, y in INSIDE.values())
