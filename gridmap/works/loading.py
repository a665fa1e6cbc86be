"""A file of work records -> stored records, all or nothing, with the row and field of every refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from gridmap.archives import FILE_LIMIT
from gridmap.areas.atlas import NEAREST_TOLERANCE_M
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, GridmapError
from gridmap.geometry.datums import check_datum
from gridmap.tabular import Row, RowProblem, choose_columns, open_table, plain_day, plain_number, refused_rows
from gridmap.works import intake
from gridmap.works.model import NewWork, Outcome

BATCH = 2_000
HEADINGS = {
    "client_id": ("client_id", "编号", "台账编号", "记录编号"),
    "kind": ("kind", "类型", "类别", "工作类型", "事项"),
    "quantity": ("quantity", "数量", "工作量"),
    "unit": ("unit", "单位"),
    "occurred_on": ("occurred_on", "日期", "发生日期", "完成日期", "时间", "date"),
    "place_name": ("place_name", "地点", "地址", "位置"),
    "note": ("note", "备注", "说明"),
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "datum": ("datum", "坐标系"),
    "report_ids": ("report_ids", "关联上报", "上报编号"),
}
_NUMBER = re.compile(r"(\d{1,15}(\.\d{0,15})?|\.\d{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file: how many records are new, how many were known already."""

    file_name: str
    created: int
    known: int


def import_file(
    connection: Connection,
    jurisdiction: Jurisdiction,
    path: Path,
    *,
    datum: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    limit: int = FILE_LIMIT,
    nearest_tolerance_m: float = NEAREST_TOLERANCE_M,
    progress: Callable[[int], None] = lambda rows: None,
) -> Loaded:
    """Store the work records of a table (CSV, TSV, XLSX, NDJSON, GeoJSON points), all or nothing.

    `datum` is that of every row without one of its own, and needed when there are coordinates. `report_ids`
    hold client ids or UUIDs of reports, parted by semicolons. The same file again adds nothing. Raises
    BadFile naming every refused row, BadInput(field="datum"), TooLarge; the caller's transaction must then
    be rolled back, and `writing()` does that.
    """
    if datum is not None:
        check_datum(datum)
    table = open_table(path, encoding=encoding, sheet=sheet, limit=limit)
    columns = choose_columns(table.fields, HEADINGS, needed=("kind", "quantity", "occurred_on"))
    if "lon" in columns and datum is None and "datum" not in columns:
        raise BadInput("declare the datum of the coordinates: wgs84, cgcs2000, gcj02 or bd09", field="datum")
    problems: list[RowProblem] = []
    created = known = rows = 0
    batch: list[tuple[int, NewWork]] = []

    def flush() -> None:
        nonlocal created, known
        works = [work for _, work in batch]
        outcomes = intake.record(connection, jurisdiction, works, nearest_tolerance_m=nearest_tolerance_m)
        for (number, _), outcome in zip(batch, outcomes, strict=True):
            created += outcome.status == "created"
            known += outcome.status == "known"
            if outcome.error is not None:
                problems.append(_problem(number, outcome))
        batch.clear()
        progress(rows)

    for row in table.rows:
        rows += 1
        try:
            batch.append((row.number, _work(row, columns, datum)))
        except GridmapError as error:
            problems.append(RowProblem(row.number, error.field, error.message))
        if len(batch) == BATCH:
            flush()
    flush()
    if problems:
        raise refused_rows(path.name, sorted(problems, key=lambda problem: problem.number))
    return Loaded(path.name, created, known)


def _problem(number: int, outcome: Outcome) -> RowProblem:
    assert outcome.error is not None
    return RowProblem(number, outcome.error.field, outcome.error.message)


def _work(row: Row, columns: dict[str, str], datum: str | None) -> NewWork:
    if row.problem:
        raise BadInput(row.problem)
    value = {name: row.values.get(heading) for name, heading in columns.items()}
    if not value["kind"]:
        raise BadInput("is empty", field="kind")
    lon, lat = plain_number(value.get("lon"), "lon"), plain_number(value.get("lat"), "lat")
    given = lon is not None or lat is not None
    return NewWork(
        kind=value["kind"],
        quantity=parse_quantity(value["quantity"]),
        occurred_on=plain_day(value["occurred_on"], "occurred_on"),
        client_id=value.get("client_id"),
        unit=value.get("unit"),
        place_name=value.get("place_name") or "",
        note=value.get("note") or "",
        lon=lon,
        lat=lat,
        datum=(value.get("datum") or datum) if given else None,
        report_ids=tuple(
            _report_id(part) for part in (value.get("report_ids") or "").split(";") if part.strip()
        ),
    )


def parse_quantity(text: str | None) -> Decimal:
    """A plain decimal number. Raises BadInput(field="quantity")."""
    if not text or not _NUMBER.fullmatch(text):
        raise BadInput(f"{(text or '')[:40]!r} is not a plain number like 21 or 0.5", field="quantity")
    return Decimal(text)


def _report_id(text: str) -> UUID | str:
    text = text.strip()
    try:
        return UUID(text) if len(text) == 36 else text
    except ValueError:
        return text
