"""Seats: which there are, what is vacant, in which community and grid; and people by where they serve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import AREA_KINDS
from gridmap.database.sessions import Database
from gridmap.maps.coverage import coverage
from gridmap.people import exporting, intake, loading, roster, store
from gridmap.people.model import Person
from gridmap.people.seats import CHIEFS, Seat, inside, seats, tally
from tests.people.conftest import DAY


def all_seats(connection: Connection, code: str, day: date, posts: tuple[str, ...] = CHIEFS) -> list[Seat]:
    known = roster.read(connection, code)
    chosen = [known.posts[post] for post in posts]
    return seats(
        current_atlas(connection, code), day, chosen, lambda kind, area: known.holders(kind, area, day)
    )


@pytest.fixture
def begin(connection, district) -> Callable[..., None]:
    def begin(person: str, post: str, area: str, **rest: object) -> None:
        desk = intake.open_desk(connection, district)
        new = intake.checked(desk, person=person, post=post, area_code=area, valid_from=DAY, **rest)
        intake.begin(connection, district, new, "test")

    return begin


def test_every_post_has_its_seats(connection, district, begin) -> None:
    begin("p1", "grid_chief", "g1")
    begin("p2", "unit_chief", "b1-2")
    found = all_seats(connection, "test", DAY)
    told = [(s.post.code, s.level.code, s.grid and s.grid.code, s.vacant) for s in found]
    assert told == [
        ("unit_chief", "b1-1", "g1", True),
        ("unit_chief", "b1-2", "g1", False),
        ("building_chief", "b1", "g1", True),
        ("grid_chief", "g1", "g1", False),
        ("unit_chief", "b2-1", "g2", True),
        ("building_chief", "b2", "g2", True),
        ("grid_chief", "g2", "g2", True),
    ]  # b3 tells no units, b4 has none: nobody lives there
    assert {s.community.code for s in found if s.community} == {"c1"}
    assert [s.level.code for s in found if s.within("c1", "g2")] == ["b2-1", "b2", "g2"]
    assert [h.name for h in found[1].holders] == ["示例p2"]
    counts = {(t.post, t.grid and t.grid.code): (t.seats, t.vacant) for t in tally(found)}
    assert counts[("unit_chief", "g1")] == (2, 1)
    assert counts[("grid_chief", "g1")] == (1, 0)


def test_an_area_holds_what_lies_in_it(connection, district) -> None:
    atlas = current_atlas(connection, "test")
    assert inside(atlas, DAY, "grid", "g2") == {
        ("grid", "g2"),
        ("building", "b2"),
        ("building", "b3"),
        ("unit", "b2-1"),
    }
    assert len(inside(atlas, DAY, "community", "c1")) == 1 + 2 + 4 + 3
    assert inside(atlas, DAY, "building", "b1") == {("building", "b1")}


def test_people_are_found(connection, district, begin) -> None:
    begin("p1", "grid_chief", "g1")
    begin("p2", "unit_chief", "b2-1")
    store.put_persons(connection, "test", [Person("p4", "100%_甲", left_on=DAY)], "test")
    atlas = current_atlas(connection, "test")

    def codes(**wanted: object) -> list[str]:
        found = store.find_persons(connection, "test", **{"day": DAY, "limit": 10} | wanted)
        return [each.code for each in found]

    assert codes() == ["p1", "p2", "p3"]
    assert codes(gone=True) == ["p1", "p2", "p3", "p4"]
    assert codes(text="示例P2") == ["p2"]
    assert codes(text="0000-0003") == ["p3"]
    assert codes(text="%") == codes(text="_") == []
    assert codes(text="0%_", gone=True) == ["p4"]
    assert codes(post="grid_chief") == ["p1"]
    assert codes(areas=inside(atlas, DAY, "grid", "g2")) == ["p2"]
    assert codes(areas=inside(atlas, DAY, "community", "c1"), limit=1, after="p1") == ["p2"]


def test_the_map_counts_the_same_seats(demo_database: Database) -> None:
    day = date(2023, 10, 1)
    with demo_database.reading() as connection:
        (owner,) = areas.jurisdictions(connection)
        atlas, known = current_atlas(connection, owner.code), roster.read(connection, owner.code)
        found = all_seats(connection, owner.code, day)
    drawn = [v for kind in AREA_KINDS if (sheet := atlas.sheet(kind, day)) for v in sheet.versions]
    counted = coverage(drawn, known.held(day)).counts
    mine = Counter(seat.post.code for seat in found), Counter(s.post.code for s in found if s.vacant)
    assert {post: (mine[0][post], mine[1][post]) for post in CHIEFS} == counted
    assert all(seat.community is not None and seat.grid is not None for seat in found)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["people", "duties", "parties"])
def test_a_table_in_chinese_comes_in_again(connection, district, begin, tmp_path, format, what) -> None:
    begin("p1", "grid_chief", "g1")
    begin("p3", "department_officer", "c1", area_kind="community", party="squad")
    moment = store.last_change(connection, "test")
    atlas, posts = current_atlas(connection, "test"), store.posts(connection)
    fields, rows = {
        "people": (exporting.PERSON, exporting.people_rows(store.persons(connection, "test"))),
        "duties": (exporting.DUTY, exporting.duty_rows(store.duties(connection, "test"), posts, atlas)),
        "parties": (exporting.PARTY, exporting.party_rows(store.parties(connection, "test"))),
    }[what]
    fields, rows = exporting.in_language(fields, rows, "zh")
    assert not any(field.isascii() for field in fields)
    made = exporting.content(fields, rows, format=format, title=what, moment=moment)
    assert made == exporting.content(fields, rows, format=format, title=what, moment=moment)
    path = Path(tmp_path, f"{what}.{format}")
    path.write_bytes(made)
    load = getattr(loading, f"import_{what}")
    done = loading.tried(connection, lambda: load(connection, district, path, by="test"))
    assert (done.added, done.changed, done.unchanged) == (0, 0, len(rows))


def test_a_trial_leaves_nothing(connection, district, tmp_path) -> None:
    path = Path(tmp_path, "people.csv")
    path.write_text("code,name\np9,示例九\n")
    before = store.changes(connection, "test", limit=None)
    done = loading.tried(
        connection, lambda: loading.import_people(connection, district, path, by="test", replace_all=True)
    )
    assert (done.added, done.changed) == (1, 3)
    assert store.changes(connection, "test", limit=None) == before
    assert [each.code for each in store.persons(connection, "test")] == ["p1", "p2", "p3"]
