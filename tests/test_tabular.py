"""Tables from files: encodings, delimiters, ragged rows, spreadsheets, JSON; and that long files stream."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import BadCoordinate, BadFile, TooLarge
from gridmap.tabular import (
    choose_columns,
    detect_encoding,
    open_table,
    plain_number,
    plain_numbers,
    refused_rows,
)
from gridmap.tabular.model import LINE_LIMIT, RowProblem

LIMIT = 1 << 24


def write(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_finds_the_encoding(tmp_path: Path, encoding: str, found: str) -> None:
    path = write(tmp_path, "a.csv", "编码,名称\n1,杨家岭南苑\n", encoding)
    table = open_table(path, limit=LIMIT)
    assert table.encoding == found
    assert table.fields == ["编码", "名称"]
    assert [row.values for row in table.rows] == [{"编码": "1", "名称": "杨家岭南苑"}]


def test_the_only_chinese_name_may_stand_in_the_last_row(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "name\n" + "plain\n" * 400_000 + "渝中区\n", "gbk")
    assert detect_encoding(path) == "gb18030"


def test_bytes_that_are_no_text_are_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"name\n\xff\xfe\xfa\n")
    with pytest.raises(BadFile) as caught:
        open_table(path, limit=LIMIT)
    assert caught.value.field == "encoding"


def test_a_named_encoding_is_followed_and_an_unknown_one_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "name\ncafé,\n".replace(",", ""), "latin-1")
    assert next(open_table(path, encoding="latin-1", limit=LIMIT).rows).values == {"name": "café"}
    with pytest.raises(BadFile) as caught:
        open_table(path, encoding="klingon", limit=LIMIT)
    assert caught.value.field == "encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path, "a.csv", f'"a,b;c"{delimiter}d{delimiter}e\n1{delimiter}2{delimiter}3\n')
    table = open_table(path, limit=LIMIT)
    assert table.fields == ["a,b;c", "d", "e"]
    assert [list(row.values.values()) for row in table.rows] == [["1", "2", "3"]]


def test_ragged_rows_are_flagged_by_their_number(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'a,b\n1,2\n\n1,2,3\n"x\ny",2\n1\n')
    rows = list(open_table(path, limit=LIMIT).rows)
    assert [(row.number, row.problem is None) for row in rows] == [
        (2, True),
        (4, False),
        (5, True),
        (6, False),
    ]
    assert "3 values where the heading has 2" in (rows[1].problem or "")
    assert rows[2].values["a"] == "x\ny"


def test_an_open_quote_is_named(tmp_path: Path) -> None:
    rows = list(open_table(write(tmp_path, "a.csv", 'a,b\n1,2\n3,"open\n4,5\n'), limit=LIMIT).rows)
    assert [row.number for row in rows] == [2, 3]
    assert "quote" in (rows[1].problem or "")


def test_blanks_are_trimmed_and_empties_are_none(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", " a \tb\tc\n  x\t \t\n")
    assert next(open_table(path, limit=LIMIT).rows).values == {"a": "x", "b": None, "c": None}


def test_a_doubled_heading_is_refused_and_an_empty_one_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="more than once"):
        open_table(write(tmp_path, "a.csv", "a,a\n1,2\n"), limit=LIMIT)
    assert open_table(write(tmp_path, "b.csv", "a,\n1,2\n"), limit=LIMIT).fields == ["a", "column 2"]


def test_limits_hold_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        open_table(write(tmp_path, "a.csv", "a\n" * 100), limit=50)
    with pytest.raises(BadFile, match="empty"):
        open_table(write(tmp_path, "b.csv", ""), limit=LIMIT)
    with pytest.raises(BadFile, match="not a file"):
        open_table(tmp_path / "missing.csv", limit=LIMIT)
    with pytest.raises(BadFile, match="known ending"):
        open_table(write(tmp_path, "a.exe", "x"), limit=LIMIT)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="line 2"):
        list(open_table(write(tmp_path, "a.csv", "a\n" + "x" * (LINE_LIMIT + 10)), limit=LIMIT).rows)


def test_csv_and_ndjson_need_no_more_memory_for_more_rows(tmp_path: Path) -> None:
    count = 200_000
    table = write(tmp_path, "a.csv", "lon,lat\n" + "109.4781234567,36.6112345678\n" * count)
    lines = write(tmp_path, "a.ndjson", '{"lon": 109.4781234567, "lat": 36.6112345678}\n' * count)
    for path in (table, lines):
        tracemalloc.start()
        assert sum(1 for _ in open_table(path, limit=LIMIT).rows) == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 12 << 20  # the encoding is found out in pieces of 1 MiB; the rows alone would be 100 MB


# --- spreadsheets


def book(folder: Path, rows: list[list[object]], title: str = "Sheet") -> Path:
    made = openpyxl.Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    made.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def test_spreadsheet_cells_become_text(tmp_path: Path) -> None:
    import datetime as dt

    when = dt.datetime(2023, 6, 18, 20, 30)
    path = book(
        tmp_path, [["码", "lon", "when", "on"], [610602006001001, 109.5, when, True], [None] * 4, ["x", 1e-7]]
    )
    rows = list(open_table(path, limit=LIMIT).rows)
    assert [row.number for row in rows] == [2, 4]
    assert rows[0].values == {
        "码": "610602006001001",
        "lon": "109.5",
        "when": "2023-06-18 20:30:00",
        "on": "true",
    }
    assert rows[1].values == {"码": "x", "lon": "1e-07", "when": None, "on": None}


def test_a_number_that_a_spreadsheet_rounded_is_flagged(tmp_path: Path) -> None:
    row = next(open_table(book(tmp_path, [["id"], [1010041430001234567]]), limit=LIMIT).rows)
    assert "15 digits" in (row.problem or "")


def test_a_missing_sheet_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="上报") as caught:
        open_table(book(tmp_path, [["a"], [1]], title="上报"), sheet="other", limit=LIMIT)
    assert caught.value.field == "sheet"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (1 << 25))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(TooLarge):
        open_table(path, limit=1 << 20)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b"0" * (1 << 25))
    lying = stream.getvalue().replace((1 << 25).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path = write(tmp_path, "a.xlsx", lying)
    with pytest.raises(BadFile, match="not a sound zip"):
        open_table(path, limit=1 << 20)


def wide_xlsx(folder: Path, *cells: str) -> Path:
    made = openpyxl.Workbook()
    for cell in cells or ("A1", "XFD1048576"):
        made.active[cell] = 1
    made.save(folder / "wide.xlsx")
    return folder / "wide.xlsx"


def wide_ods(folder: Path) -> Path:
    """A heading, and a cell a million rows below it: fewer cells than what the reader itself refuses."""
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    cell = '<table:table-cell office:value-type="float" office:value="1"/>'
    with zipfile.ZipFile(folder / "wide.ods", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{office}manifest:1.0"/>')
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{office}office:1.0" xmlns:table="{office}table:1.0">'
            f'<office:body><office:spreadsheet><table:table table:name="a"><table:table-row>{cell}'
            '</table:table-row><table:table-row table:number-rows-repeated="1048570"><table:table-cell/>'
            '</table:table-row><table:table-row><table:table-cell table:number-columns-repeated="90"/>'
            f"{cell}</table:table-row></table:table></office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return folder / "wide.ods"


def wide_xls(folder: Path) -> Path:
    """Two numbers, in the first and the last place that a BIFF8 record can name, in a compound file."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def number(row: int, column: int) -> bytes:
        return record(0x203, struct.pack("<HHHd", row, column, 0, 1))

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 0))

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        text = name.encode("utf-16-le")
        links = struct.pack("<BBIII", kind, 1, free, free, child) + bytes(36)
        return (
            text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2) + links + struct.pack("<IQ", first, size)
        )

    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    sheet_at = len(begin(5)) + 4 + 9 + 4
    book = begin(5) + record(0x85, struct.pack("<IBBBB", sheet_at, 0, 0, 1, 0) + b"a") + record(0xA, b"")
    assert len(book) == sheet_at
    book = (book + begin(0x10) + number(0, 0) + number(65535, 65535) + record(0xA, b"")).ljust(4096, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    head += bytes(6) + struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0)
    sectors = [0xFFFFFFFD, end, *range(3, 10), end]
    table = struct.pack(f"<{len(sectors)}I", *sectors)
    folders = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(book))
    blank = b"\xff"
    path = folder / "wide.xls"
    path.write_bytes(head.ljust(512, blank) + table.ljust(512, blank) + folders.ljust(512, b"\0") + book)
    return path


def apart(path: Path) -> tuple[int, str]:
    """What a process with 512 MiB says of a file: whatever reading it does, the tests go on."""
    code = (
        "import resource, sys; from pathlib import Path\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 29,) * 2)\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "from gridmap.errors import GridmapError; from gridmap.tabular import open_table\n"
        "try: print(open_table(Path(sys.argv[1]), limit=1 << 24).fields)\n"
        "except GridmapError as error: print(f'{error.field}: {type(error).__name__}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    return done.returncode, done.stdout.strip()


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"not a workbook at all"])
def test_a_broken_workbook_is_a_bad_file(tmp_path: Path, content: bytes) -> None:
    for name in ("a.xlsx", "a.xls", "a.ods"):
        with pytest.raises(BadFile):
            open_table(write(tmp_path, name, content), limit=LIMIT)


def test_a_table_need_not_begin_in_the_corner(tmp_path: Path) -> None:
    table = open_table(book(tmp_path, [[], [None, None, "a", "b"], [], [None, None, 1], []]), limit=LIMIT)
    assert table.fields == ["column 1", "column 2", "a", "b"]
    rows = list(table.rows)
    assert [(row.number, row.problem) for row in rows] == [(4, None)]
    assert rows[0].values == {"column 1": None, "column 2": None, "a": "1", "b": None}


@pytest.mark.parametrize("make", [wide_xlsx, wide_ods, wide_xls])
def test_two_cells_in_opposite_corners_do_not_end_the_process(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    assert path.stat().st_size < 8 << 10
    assert apart(path) == (0, "file: TooLarge")


def test_one_cell_in_the_far_corner_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="16,384 columns"):
        open_table(wide_xlsx(tmp_path, "XFD1048576"), limit=LIMIT)


# --- JSON


def test_ndjson_keeps_digits_and_flags_what_is_no_object(tmp_path: Path) -> None:
    text = (
        '{"id": 101004143000123456789, "x": 42.35940, "s": " a ", "n": null}\n\n[1]\nnot json\n{"b": true}\n'
    )
    table = open_table(write(tmp_path, "a.ndjson", text), limit=LIMIT)
    assert table.fields == ["id", "x", "s", "n", "b"]
    rows = list(table.rows)
    assert [(row.number, row.problem is None) for row in rows] == [
        (1, True),
        (3, False),
        (4, False),
        (5, True),
    ]
    assert rows[0].values == {"id": "101004143000123456789", "x": "42.35940", "s": "a", "n": None, "b": None}
    assert rows[3].values == {"id": None, "x": None, "s": None, "n": None, "b": "true"}


def test_ndjson_refuses_deep_nesting_and_doubled_names(tmp_path: Path) -> None:
    text = '{"a": 1}\n' + "[" * 100_000 + "\n" + '{"a": 1, "a": 2}\n'
    rows = list(open_table(write(tmp_path, "a.ndjson", text), limit=LIMIT).rows)
    assert [row.problem is None for row in rows] == [True, False, False]


def test_geojson_points_give_properties_and_degrees(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"name": "早市"},
            "geometry": {"type": "Point", "coordinates": [109.5, 36.6]},
        },
        {"type": "Feature", "properties": None, "geometry": None},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": ["109", 36]}},
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]},
        },
    ]
    path = write(tmp_path, "a.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    rows = list(open_table(path, limit=LIMIT).rows)
    assert rows[0].values == {"name": "早市", "lon": "109.5", "lat": "36.6"}
    assert [row.problem is None for row in rows] == [True, True, False, False]
    with pytest.raises(BadFile):
        open_table(write(tmp_path, "b.geojson", '{"type": "Topology"}'), limit=LIMIT)


# --- numbers


@pytest.mark.parametrize(
    ("text", "number"), [(None, None), (" ", None), (" 109.4781 ", 109.4781), ("-1e2", -100)]
)
def test_plain_numbers_are_read(text: str | None, number: float | None) -> None:
    assert plain_number(text, "lon") == number


@pytest.mark.parametrize("text", ["nan", "1e999", "1,5", "１２", "109°28'", "0x1", "1_0"])
def test_other_numbers_are_refused_by_field(text: str) -> None:
    with pytest.raises(BadCoordinate) as caught:
        plain_number(text, "lat")
    assert caught.value.field == "lat"


WRITTEN = st.one_of(
    st.none(),
    st.text("0123456789.-", max_size=25),
    st.text("0123456789.-+eE １n", max_size=8),
    st.floats().map(repr),
)


@given(st.lists(WRITTEN, max_size=5))
def test_numbers_of_a_column_are_those_of_its_texts(texts: list[str | None]) -> None:
    numbers, doubtful = plain_numbers(texts)
    assert numbers.flags.writeable
    for text, number, unread in zip(texts, numbers.tolist(), doubtful.tolist(), strict=True):
        try:
            alone = plain_number(text, "lon")
        except BadCoordinate:
            assert unread
        else:
            assert not unread
            assert repr(number) == repr(math.nan if alone is None else alone)


# --- columns, and the error of refused rows


def test_chooses_columns_by_usual_names() -> None:
    headings = {"lon": ("lon", "经度"), "code": ("code", "编码")}
    assert choose_columns(["LON ", "编码"], headings, needed=("lon",)) == {"lon": "LON ", "code": "编码"}
    with pytest.raises(BadFile, match="name, kind") as caught:
        choose_columns(["name", "kind"], headings, needed=("lon",))
    assert caught.value.field == "lon"


def test_refused_rows_are_listed_up_to_a_point() -> None:
    error = refused_rows("a.csv", [RowProblem(n, "lat", "is empty") for n in range(2, 32)])
    assert "30 rows of a.csv" in error.message
    assert "row 2, lat: is empty" in error.message
    assert "and 10 more" in error.message


# --- real files


def test_boston_files(shared_data: Path) -> None:
    for path in sorted((shared_data / "boston").glob("boston311*")):
        table = open_table(path, limit=LIMIT)
        rows = list(table.rows)
        assert len(table.fields) == 29
        assert len(rows) == 100
        ragged = [row.number for row in rows if row.problem]
        assert bool(ragged) == path.name.endswith("-bad.tsv")


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=("Cc", "Cs")), max_size=20
)


@settings(max_examples=60)
@given(rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5))
def test_what_csv_writes_comes_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["a", "b", "c"])
        writer.writerows(rows)
    read = [list(row.values.values()) for row in open_table(path, encoding="utf-8", limit=LIMIT).rows]
    assert read == [[cell.strip() or None for cell in row] for row in rows]


@settings(max_examples=150)
@given(
    content=st.binary(max_size=300),
    suffix=st.sampled_from([".csv", ".tsv", ".ndjson", ".geojson", ".xlsx", ".xls"]),
)
def test_any_bytes_are_rows_or_a_bad_file(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("any") / f"a{suffix}"
    path.write_bytes(content)
    with contextlib.suppress(BadFile):
        list(open_table(path, limit=LIMIT).rows)
