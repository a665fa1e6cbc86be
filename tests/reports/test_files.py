"""Files of reports: one transaction, known rows known, refused rows set aside with their reason."""

from __future__ import annotations

import csv
import json
import shutil
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from gridmap.errors import BadFile, BadInput
from gridmap.reports import counting, store
from gridmap.reports.files import import_file
from gridmap.reports.reading import Reading
from tests.recount import contradictions
from tests.reports.conftest import TOWN

HEADINGS = ["编号", "类别", "问题描述", "发生时间", "经度", "纬度"]
ROWS = [
    ["1", "暴露垃圾", "桥下有垃圾", "2023年6月18日 20时30分", "109.475", "36.605"],
    ["2", "matter-09009", "乱停车", "2023/6/19 8:05", "109.485", "36.615"],
    ["3", "Tea stall", "茶摊", "2023-06-20 21:00", "109.4999", "36.615"],
]


def write_csv(path: Path, rows, encoding="utf-8", delimiter=",") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def write_xlsx(path: Path, rows) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def write_ndjson(path: Path, rows) -> Path:
    heading, *body = rows
    path.write_text("\n".join(json.dumps(dict(zip(heading, row, strict=True))) for row in body), "utf-8")
    return path


def write_geojson(path: Path, rows) -> Path:
    heading, *body = rows
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(heading[:4], row[:4], strict=True)),
            "geometry": {"type": "Point", "coordinates": [float(row[4]), float(row[5])]},
        }
        for row in body
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


WRITERS = {
    "a.csv": write_csv,
    "gb.csv": lambda p, r: write_csv(p, r, encoding="gb18030"),
    "bom.csv": lambda p, r: write_csv(p, r, encoding="utf-8-sig"),
    "semicolon.csv": lambda p, r: write_csv(p, r, delimiter=";"),
    "a.tsv": lambda p, r: write_csv(p, r, delimiter="\t"),
    "a.xlsx": write_xlsx,
    "a.ndjson": write_ndjson,
    "a.geojson": write_geojson,
}


def load(town, path: Path, *, rejects: Path | None = None, **reading):
    return import_file(
        town, TOWN, path, Reading(**{"datum": "wgs84"} | reading), loaded_by="test", rejects=rejects
    )


def placed(town) -> dict[str, str | None]:
    with town.reading() as connection:
        found = store.reports(connection, TOWN.code)
    return {r.client_id: r.placement.grid.code if r.placement.grid else None for r in found}


@pytest.mark.parametrize("name", WRITERS)
def test_every_form_of_a_file_says_the_same(town, tmp_path, name) -> None:
    path = WRITERS[name](tmp_path / name, [HEADINGS, *ROWS])
    summary = load(town, path)
    assert (summary.rows, summary.accepted, summary.rejected) == (3, 3, 0)
    assert placed(town) == {"1": "S0", "2": "N1", "3": "N2"}
    again = load(town, path)
    assert (again.accepted, again.known) == (0, 3)


def test_the_same_rows_from_another_kind_of_file_are_known(town, tmp_path) -> None:
    without_id = [row[1:] for row in [HEADINGS, *ROWS]]
    assert load(town, write_csv(tmp_path / "a.csv", without_id)).accepted == 3
    assert load(town, write_xlsx(tmp_path / "a.xlsx", without_id)).known == 3


BAD_ROWS = {
    "nan": (4, "NaN", "lon"),
    "1e400": (4, "1e400", "lon"),
    "underscore": (4, "1_09.4", "lon"),
    "Arabic digits": (4, "١٠٩", "lon"),
    "swapped": (4, "36.6", "location"),
    "no latitude": (5, "", "lat"),
    "no time": (3, "", "occurred_at"),
    "no such day": (3, "2023-02-30", "occurred_at"),
    "unknown category": (1, "外星人", "category"),
    "NUL": (2, "a\x01b", "description"),
}


def test_refused_rows_are_set_aside_with_number_and_reason(town, tmp_path) -> None:
    rows = [HEADINGS, *ROWS]
    for number, (column, value, _) in enumerate(BAD_ROWS.values()):
        row = [f"bad-{number}", *ROWS[0][1:]]
        row[column] = value
        rows.append(row)
    rejects = tmp_path / "rejected.csv"
    summary = load(town, write_csv(tmp_path / "a.csv", rows), rejects=rejects)
    assert (summary.accepted, summary.rejected) == (3, len(BAD_ROWS))
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        aside = list(csv.DictReader(stream))
    assert sorted(int(row["rejected_row"]) for row in aside) == list(range(5, 5 + len(BAD_ROWS)))
    fields = {int(row["rejected_row"]): row["rejected_field"] for row in aside}
    wanted = {5 + n: field for n, (_, _, field) in enumerate(BAD_ROWS.values())}
    assert fields == wanted
    assert all(row["rejected_reason"] for row in aside)


def test_the_side_file_holds_no_formula(town, tmp_path) -> None:
    row = ["x", "外星人", '=HYPERLINK("http://x")', *ROWS[0][3:]]
    rejects = tmp_path / "rejected.csv"
    load(town, write_csv(tmp_path / "a.csv", [HEADINGS, row]), rejects=rejects)
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for line in csv.reader(stream) for cell in line]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]


def test_no_side_file_without_need(town, tmp_path) -> None:
    rejects = tmp_path / "rejected.csv"
    load(town, write_csv(tmp_path / "a.csv", [HEADINGS, *ROWS]), rejects=rejects)
    assert not rejects.exists()


@pytest.mark.parametrize(
    ("reading", "field"),
    [
        ({"datum": None}, "datum"),
        ({"datum": "mars"}, "datum"),
        ({"dates": "ydm"}, "dates"),
        ({"category": "matter-99999"}, "category"),
        ({"columns": {"lon": "东经"}}, "lon"),
        ({"encoding": "ascii"}, "encoding"),
        ({"encoding": "hex"}, "encoding"),
    ],
    ids=str,
)
def test_a_wrong_flag_is_named_and_nothing_is_written(town, tmp_path, reading, field) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *ROWS])
    with pytest.raises(BadInput) as caught:
        load(town, path, **reading)
    assert caught.value.field == field
    assert placed(town) == {}


def test_a_file_without_times_or_coordinates_is_refused(town, tmp_path) -> None:
    for heading in ("发生时间", "经度"):
        rows = [[h if h != heading else "?" for h in HEADINGS], *ROWS]
        with pytest.raises(BadFile, match="recognised"):
            load(town, write_csv(tmp_path / "a.csv", rows))


def test_day_and_month_come_from_the_column_or_the_flag(town, tmp_path) -> None:
    def dated(*days: str) -> Path:
        rows = [[f"{n}", *ROWS[0][1:3], day, *ROWS[0][4:]] for n, day in enumerate(days)]
        return write_csv(tmp_path / "a.csv", [HEADINGS, *rows])

    unclear = load(town, dated("05/06/2023 08:00"))
    assert (unclear.accepted, unclear.rejected) == (0, 1)
    assert "--dates" in unclear.first_rejected[0].reason
    shown = load(town, dated("05/06/2023 08:00", "18/06/2023 08:00"))
    assert shown.accepted == 2
    with town.reading() as connection:
        assert {r.occurred_at.month for r in store.reports(connection, TOWN.code)} == {6}


def test_named_rows_and_rows_with_a_datum_of_their_own(town, tmp_path) -> None:
    rows = [
        [*HEADINGS, "坐标系", "小区"],
        ["1", "", "", "2023-06-18", "109.475", "36.605", "wgs84", ""],
        ["2", "", "", "2023-06-18", "109.4804", "36.605", "gcj02", ""],
        ["3", "", "", "2023-06-18", "", "", "", "河边小区"],
    ]
    summary = load(town, write_csv(tmp_path / "a.csv", rows), datum=None)
    assert placed(town) == {"1": "S0", "2": "S0", "3": "S0"}
    assert summary.methods == {"covers": 2, "named": 1}
    assert summary.needs_review == 1


def test_a_side_file_that_cannot_be_written_is_said_before_the_work(town, tmp_path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *ROWS])
    with pytest.raises(BadInput, match="folder") as caught:
        load(town, path, rejects=tmp_path / "nowhere" / "x.csv")
    assert caught.value.field == "rejects"
    assert placed(town) == {}


def test_local_and_utc_months_part_in_the_first_hours(town, tmp_path, monkeypatch) -> None:
    """3 o'clock on 1 July in Shanghai is still June in UTC, the months of the partitions."""
    monkeypatch.setattr("gridmap.tabular.model.BLOCK", 2)
    monkeypatch.setattr("gridmap.tabular.delimited.PIECE", 2)
    days = ["2023-07-02 10:00", "2023-07-03 10:00", "2023-07-01 03:00"]
    rows = [[str(n), "", "", day, "109.475", "36.605"] for n, day in enumerate(days)]
    assert load(town, write_csv(tmp_path / "a.csv", [HEADINGS, *rows])).accepted == 3


def test_a_column_that_contradicts_itself_decides_nothing(town, tmp_path) -> None:
    days = ["25/06/2023", "06/25/2023", "05/06/2023"]
    rows = [[str(n), "", "", day, "109.475", "36.605"] for n, day in enumerate(days)]
    summary = load(town, write_csv(tmp_path / "a.csv", [HEADINGS, *rows]))
    assert (summary.accepted, summary.rejected) == (2, 1)
    assert "--dates" in summary.first_rejected[0].reason


def test_the_order_may_be_shown_by_any_row(town, tmp_path) -> None:
    days = ["05/06/2023"] * 150
    days[100] = "25/06/2023"
    rows = [[str(n), "", str(n), day, "109.475", "36.605"] for n, day in enumerate(days)]
    assert load(town, write_csv(tmp_path / "a.csv", [HEADINGS, *rows])).accepted == 150


@pytest.mark.parametrize("offset", ["+23:59", "-16:00"])
def test_an_offset_that_no_place_has(town, tmp_path, offset) -> None:
    row = ["1", "", "", f"2023-06-18T10:00:00{offset}", "109.475", "36.605"]
    summary = load(town, write_csv(tmp_path / "a.csv", [HEADINGS, row, *ROWS[1:]]))
    assert (summary.accepted, summary.rejected) == (2, 1)
    assert summary.first_rejected[0].field == "occurred_at"


@pytest.mark.parametrize("word", ["a\x01b", "长" * 201])
def test_a_word_that_cannot_be_a_category(town, tmp_path, word) -> None:
    rows = [HEADINGS, ["1", word, *ROWS[0][2:]], *ROWS[1:]]
    summary = load(town, write_csv(tmp_path / "a.csv", rows), add_categories=True)
    assert (summary.accepted, summary.rejected) == (2, 1)
    assert summary.first_rejected[0].field == "category"


def test_an_own_category_never_shadows_a_shipped_one(town, tmp_path) -> None:
    rows = [HEADINGS, ["1", "teastall", *ROWS[0][2:]]]
    load(town, write_csv(tmp_path / "a.csv", rows), add_categories=True)
    with town.reading() as connection:
        codes = [c.code for c in store.categories(connection, TOWN.code)]
    assert codes.count("local-teastall") == codes.count("local-own-teastall") == 1


def test_piles_and_edges_are_counted(town, tmp_path) -> None:
    rows = [[str(n), "", "", "2023-06-18", "109.475", "36.605"] for n in range(12)]
    rows += [["e", "", "", "2023-06-18", "109.48001", "36.605"]]
    summary = load(town, write_csv(tmp_path / "a.csv", [HEADINGS, *rows]))
    assert summary.piles == [(109.475, 36.605, 12)]
    assert summary.near_edge == 1


def test_unknown_categories_become_local_only_when_told(town, tmp_path) -> None:
    rows = [HEADINGS, ["1", "外星人", *ROWS[0][2:]], ["2", "Lost Cat", *ROWS[0][2:]]]
    path = write_csv(tmp_path / "a.csv", rows)
    assert load(town, path).rejected == 2
    told = load(town, path, add_categories=True)
    assert told.new_categories == ["外星人", "Lost Cat"]
    with town.reading() as connection:
        codes = {c.code: c.name for c in store.categories(connection, TOWN.code)}
    assert codes["local-own-lost-cat"] == "Lost Cat"
    assert "外星人" in codes.values()


def test_a_file_is_one_transaction(town, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("gridmap.tabular.model.BLOCK", 2)
    monkeypatch.setattr("gridmap.tabular.delimited.PIECE", 2)
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *ROWS])

    def stop(rows: int) -> None:
        if rows >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(town, TOWN, path, Reading(datum="wgs84"), loaded_by="test", progress=stop)
    assert placed(town) == {}
    assert load(town, path).accepted == 3


def test_what_is_counted_on_the_way_and_at_the_end_is_all(town, tmp_path, monkeypatch) -> None:
    """As in a file with more rows than wait to be counted together."""
    monkeypatch.setattr("gridmap.tabular.model.BLOCK", 2)
    monkeypatch.setattr("gridmap.tabular.delimited.PIECE", 2)
    monkeypatch.setattr(counting, "WAITING", 3)
    appended = []
    monkeypatch.setattr(store, "add_deltas", partial(_told, appended, store.add_deltas))
    rows = [[str(n), *row[1:]] for n, row in enumerate(ROWS * 4)]
    assert load(town, write_csv(tmp_path / "a.csv", [HEADINGS, *rows])).accepted == len(rows)
    assert len(appended) > 1
    with town.reading() as connection:
        assert contradictions(connection) == {}


def _told(calls: list[object], function, *arguments) -> None:
    calls.append(arguments)
    function(*arguments)


def test_limits(town, tmp_path) -> None:
    with pytest.raises(BadFile, match="ending"):
        load(town, write_csv(tmp_path / "a.docx", ROWS))
    path = write_csv(tmp_path / "a.csv", [HEADINGS, *ROWS])
    copy = shutil.copy(path, tmp_path / "copy.xlsx")
    with pytest.raises(BadFile):
        load(town, copy)
