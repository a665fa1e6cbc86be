"""Kept texts: made once per key, the least asked for forgotten first, and fresh when a place changes."""

from __future__ import annotations

import sqlalchemy as sa

from gridmap.database import tables as t
from gridmap.database.asker import Asker
from gridmap.faces.keeping.kept import Kept
from gridmap.faces.keeping.kept_answers import sight


def test_made_once_and_forgotten_in_order():
    made = []
    kept = Kept(2 * len("text a"))

    def get(key):
        return kept.get(key, lambda: made.append(key) or f"text {key}")

    assert [get(key) for key in "aabaca"] == [f"text {key}" for key in "aabaca"]
    assert made == ["a", "b", "c"]
    get("b")
    assert made == ["a", "b", "c", "b"]


def test_no_more_is_kept_than_the_limit():
    kept = Kept(10)
    kept.keep("long", "x" * 11)
    assert kept.find("long") is None
    for key, length in (("a", 4), ("b", 4), ("a", 6)):
        kept.keep(key, key * length)
    assert [kept.find(key) for key in "ab"] == ["aaaaaa", "bbbb"]
    kept.keep("b", "b" * 5)
    assert [kept.find(key) for key in "ab"] == [None, "bbbbb"]
    kept.keep("b", "x" * 11)
    assert kept.find("b") is None


def test_the_district_map_shows_a_changed_place_at_once(busy, sender):
    first = sender.get("/").text
    assert sender.get("/").text == first
    with busy.app.state.service.own.writing() as connection:
        connection.execute(sa.update(t.place).where(t.place.c.code == "K1").values(name="改名停车场"))
    assert "改名停车场" in sender.get("/").text


def test_who_may_see_different_things_is_given_different_answers():
    def of(*roles, person=None, home="a", name="account:x", path=""):
        return sight(Asker(home, name, frozenset(roles), person), path)

    kept = [
        of("office"),
        of("office", home="b"),
        of("member", person="p1"),
        of("member", person="p2"),
        of("member", person="p1", home="b"),
        of("department", person="p1"),
        of("member", "department", person="p1"),
        of("member", name="account:y"),
        of("member", name="account:z"),
        sight(None),
    ]
    assert len(set(kept)) == len(kept)
    assert of("office") == of("administrator", name="token:y")  # both see all
    assert of("member", person="p1") == of("member", person="p1", name="token:y")
    areas = "/api/v1/tiles/areas/grid/1/2/3.mvt"
    assert of("member", person="p1", path=areas) == of("office", path=areas)
    assert of("member", home="b", path=areas) != of("office", path=areas)
