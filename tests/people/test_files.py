"""Files of people, parties and duties: in, out, in again; moved and retired people; and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadFile
from gridmap.people import exporting, loading, store
from gridmap.people.loading import Loaded
from gridmap.people.model import Party, Person
from gridmap.spreadsheets import xlsx_bytes
from tests.people.conftest import DAY

LATER = DAY + timedelta(days=30)
DUTIES = """person,post,area_kind,area_code,party,valid_from,valid_to
p1,grid_chief,,g1,,2023-06-18,
p2,楼栋长,,b1,,2023/6/18,2023年7月1日
p2,unit_chief,,b1-2,,2023-06-18,
p3,部门下沉人员,社区,c1,squad,2023-06-18,
"""


@pytest.fixture
def load(connection: Connection, district: Jurisdiction, tmp_path: Path):
    """load(what, text or path, **options) -> Loaded."""
    makers = {
        "people": loading.import_people,
        "parties": loading.import_parties,
        "duties": loading.import_duties,
    }

    def load(what: str, content: str | Path, **options) -> Loaded:
        path = content if isinstance(content, Path) else tmp_path / f"{what}.csv"
        if isinstance(content, str):
            path.write_text(content, encoding="gb18030")
        return makers[what](connection, district, path, by="test", **options)

    return load


def numbers(done: Loaded) -> tuple[int, int, int, int]:
    return done.added, done.changed, done.unchanged, done.ended


def held(connection: Connection, day: date) -> set[tuple[str, str]]:
    return {(d.person, d.area_code) for d in store.duties(connection, "test", day=day)}


def test_the_same_file_again_adds_nothing(load, connection) -> None:
    assert numbers(load("duties", DUTIES)) == (4, 0, 0, 0)
    changes = len(store.changes(connection, "test", limit=None))
    assert numbers(load("duties", DUTIES)) == (0, 0, 4, 0)
    assert len(store.changes(connection, "test", limit=None)) == changes
    assert held(connection, DAY) == {("p1", "g1"), ("p2", "b1"), ("p2", "b1-2"), ("p3", "c1")}
    assert ("p2", "b1") not in held(connection, date(2023, 7, 1))


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_export_comes_in_again_unchanged(load, connection, district, tmp_path, format) -> None:
    load("duties", DUTIES)
    store.put_persons(connection, "test", [Person("p4", "=1+1", "+86 000-0000"), Person("p5", "'甲")], "t")
    store.put_parties(connection, "test", [Party("x", "other", "@x", valid_from=DAY)], "t")
    atlas, posts = current_atlas(connection, "test"), store.posts(connection)
    duties = exporting.duty_rows(store.duties(connection, "test"), posts, atlas)
    people = exporting.people_rows(store.persons(connection, "test"))
    parties = exporting.party_rows(store.parties(connection, "test"))
    for what, fields, rows in (
        ("people", exporting.PERSON, people),
        ("parties", exporting.PARTY, parties),
        ("duties", exporting.DUTY, duties),
    ):
        out = tmp_path / f"{what}.{format}"
        moment = store.last_change(connection, "test")
        exporting.write(fields, rows, out, format=format, moment=moment)
        assert numbers(load(what, out)) == (0, 0, len(rows), 0)
    assert [row[6] for row in duties] == ["1号楼2单元", "1号楼", "第一网格", "社区"]


def test_a_row_without_a_beginning_means_what_is_held(load, connection) -> None:
    load("duties", DUTIES)
    short = "工号,职务,网格编码\np1,网格长,g1\np1,网格长,g2\n"
    assert numbers(load("duties", short, day=LATER)) == (1, 0, 1, 0)
    assert held(connection, DAY) & {("p1", "g1"), ("p1", "g2")} == {("p1", "g1")}
    assert held(connection, LATER) >= {("p1", "g1"), ("p1", "g2")}


def test_who_has_moved_is_one_row_in_the_new_place(load, connection) -> None:
    load("duties", DUTIES)
    moved = "person,post,area_code\np1,grid_chief,g2\n"
    assert numbers(load("duties", moved, day=LATER, replace_all=True)) == (1, 0, 0, 1)
    assert held(connection, LATER - timedelta(days=1)) >= {("p1", "g1"), ("p2", "b1-2")}
    assert held(connection, LATER) == {("p1", "g2"), ("p2", "b1-2"), ("p3", "c1")}  # other posts stay
    old = next(d for d in store.duties(connection, "test", person="p1") if d.area_code == "g1")
    assert (old.valid_from, old.valid_to) == (DAY, LATER)


def test_an_end_is_moved_and_taken_back(load, connection) -> None:
    load("duties", DUTIES)
    row = "person,post,area_code,valid_from,valid_to\np2,building_chief,b1,2023-06-18,{}\n"
    assert numbers(load("duties", row.format("2024-01-01"))) == (0, 1, 0, 0)
    assert ("p2", "b1") in held(connection, date(2023, 12, 31))
    assert numbers(load("duties", row.format(""))) == (0, 1, 0, 0)
    assert ("p2", "b1") in held(connection, date(2030, 1, 1))


def test_who_leaves_ends_their_duties(load, connection) -> None:
    load("duties", DUTIES)
    people = "编号,姓名,电话,离任日期\np2,示例p2,000-0000-0002,2023-06-25\np9,示例九,,\n"
    assert numbers(load("people", people)) == (1, 1, 0, 2)
    assert numbers(load("people", people)) == (0, 0, 2, 0)
    assert held(connection, date(2023, 6, 25)) == {("p1", "g1"), ("p3", "c1")}
    with pytest.raises(BadFile, match=r"row 3, valid_to: p2 示例p2 left on 2023-06-25"):
        load("duties", DUTIES)
    everybody = "code,name\np1,示例p1\n"
    done = load("people", everybody, day=LATER, replace_all=True)
    assert (done.changed, done.ended) == (2, 1)
    assert held(connection, LATER) == {("p1", "g1")}
    kept = store.person(connection, "test", "p1")
    assert kept.phone == "000-0000-0001"  # the file has no column for it


def test_every_refused_row_is_named_and_nothing_written(load, connection) -> None:
    bad = (
        "person,post,area_kind,area_code,party,valid_from,valid_to\n"
        "p1,grid_chief,,g1,,2023-06-18,\n"
        "p1,mayor,,g1,,,\n"
        "p1,grid_chief,,g9,,,\n"
        "p1,unit_chief,,b1-3,,,\n"
        "p1,grid_chief,,g2,,2023-02-30,\n"
        "p1,grid_chief,,g1,,2023-07-01,\n"
        ",grid_chief,,g1,,,\n"
        "p2,grid_chief,,g1,,2023-06-18,2023-06-18\n"
        "p1,grid_chief\n"
    )
    with pytest.raises(BadFile) as caught:
        load("duties", bad)
    said = str(caught.value)
    assert "8 rows of duties.csv cannot be used; nothing was written" in said
    for row, words in {
        3: "post: 'mayor' is not a post; there are unit_chief (单元长)",
        4: "area_code: there is no grid 'g9'",
        5: "area_code: the building b1 has 2 units; there is no unit 3",
        6: "valid_from: '2023-02-30' is not a day",
        7: "valid_from: p1 is grid_chief of g1 from 2023-06-18 already, in row 2",
        8: "person: is empty",
        9: "valid_to: 2023-06-18 is not after",
    }.items():
        assert f"row {row}, {words}" in said
    assert store.duties(connection, "test") == []


def test_a_duty_held_twice_at_once_is_refused(load) -> None:
    load("duties", DUTIES)
    again = "person,post,area_code,valid_from\np1,grid_chief,g1,2023-08-01\n"
    with pytest.raises(BadFile, match=r"row 2, valid_from: p1 is grid_chief of g1 from 2023-06-18 already"):
        load("duties", again)
    ended = DUTIES.replace("g1,,2023-06-18,\n", "g1,,2023-06-18,2023-08-01\np1,grid_chief,,g1,,2023-08-01,\n")
    assert numbers(load("duties", ended)) == (1, 1, 3, 0)


@pytest.mark.parametrize(
    ("what", "text", "said"),
    [
        ("people", "code,phone\np1,1\n", "no column for name"),
        ("people", "code,name\np9,甲\np9,乙\n", "row 3, code: p9 stands in row 2 already"),
        ("people", "code,name\np9,\n", "row 2, name: is empty"),
        ("people", "code,name,phone\np9,甲,call me\n", "row 2, phone: is not a telephone"),
        ("parties", "code,kind,name\nx,army,甲\n", "row 2, kind: 'army' is not a kind of party"),
        ("parties", "code,kind,name,area_kind,area_code\nx,物业公司,甲,grid,g9\n", "no grid 'g9'"),
        ("parties", "code,kind,name,area_kind\nx,squad,甲,grid\n", "kind and code of the area"),
        ("duties", "person,post\np1,网格长\n", "no column for area_code"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(load, connection, what, text, said) -> None:
    before = store.persons(connection, "test"), store.parties(connection, "test")
    with pytest.raises(BadFile, match=said):
        load(what, text)
    assert (store.persons(connection, "test"), store.parties(connection, "test")) == before


def test_parties_change(load, connection) -> None:
    file = "code,kind,name,phone,valid_to\nsquad,城管执法中队,示例中队,000-0000-9999,2025-01-01\n"
    assert numbers(load("parties", file)) == (0, 1, 0, 0)
    assert [p.code for p in store.parties(connection, "test", day=date(2025, 1, 1))] == ["co"]


def test_a_workbook_with_dates_and_numbers(load, connection, tmp_path) -> None:
    path = tmp_path / "duties.xlsx"
    fields = ["person", "post", "area_code", "valid_from"]
    path.write_bytes(xlsx_bytes(fields, [["p1", "grid_chief", "g1", DAY]], title="duties"))
    assert numbers(load("duties", path)) == (1, 0, 0, 0)
    assert store.duties(connection, "test")[0].valid_from == DAY
