"""People, parties and duties as tables (CSV, XLSX) that can be imported again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gridmap.areas.atlas import Atlas
from gridmap.errors import BadInput
from gridmap.people.model import (
    DUTY_KINDS,
    PARTY_KINDS,
    Duty,
    Party,
    Person,
    Post,
    split_unit,
    unit_name,
)
from gridmap.spreadsheets import Sheet, csv_bytes, workbook_bytes

SUFFIXES = {"csv": ".csv", "xlsx": ".xlsx"}
PERSON = ("code", "name", "phone", "left_on")
PARTY = ("code", "kind", "name", "name_en", "area_kind", "area_code", "phone", "valid_from", "valid_to")
DUTY = (
    *("person", "person_name", "post", "post_name", "area_kind", "area_code", "area_name", "party"),
    *("valid_from", "valid_to"),
)
CHINESE = {
    "code": "人员编号",
    "name": "姓名",
    "phone": "电话",
    "left_on": "离任日期",
    "kind": "类型",
    "name_en": "英文名称",
    "person": "人员编号",
    "person_name": "姓名",
    "post": "职务编码",
    "post_name": "职务",
    "area_kind": "区域类型",
    "area_code": "区域编码",
    "area_name": "区域名称",
    "party": "责任单位编号",
    "valid_from": "起始日期",
    "valid_to": "截止日期",
}


def people_rows(people: Iterable[Person]) -> list[list[Any]]:
    return [[_cell(getattr(each, name)) for name in PERSON] for each in people]


def party_rows(parties: Iterable[Party]) -> list[list[Any]]:
    return [[_cell(getattr(each, name)) for name in PARTY] for each in parties]


def duty_rows(duties: Iterable[Duty], posts: Mapping[str, Post], atlas: Atlas) -> list[list[Any]]:
    """Rows of DUTY; names of posts and areas (those of the duty's first day) are for readers."""
    return [
        [
            *(each.person, each.name, each.post, posts[each.post].name, each.area_kind, each.area_code),
            *(area_name(atlas, each.area_kind, each.area_code, each.valid_from), each.party),
            *(_cell(each.valid_from), _cell(each.valid_to)),
        ]
        for each in duties
    ]


def area_name(atlas: Atlas, kind: str, code: str, day: date) -> str:
    """The name of an area or unit on a day; empty where there is none."""
    if kind == "unit":
        building, number = split_unit(code)
        name = area_name(atlas, "building", building, day)
        return name + unit_name(number) if name else ""
    sheet = atlas.sheet(kind, day)
    row = sheet.row_of_code.get(code) if sheet else None
    return sheet.versions[row].name if sheet is not None and row is not None else ""


def in_language(
    fields: Sequence[str], rows: Iterable[Sequence[Any]], lang: str
) -> tuple[list[str], list[list[Any]]]:
    """The same table headed in Chinese, with the Chinese names of kinds of area and party, as reading.py
    understands them; in another language as it is."""
    if lang != "zh":
        return list(fields), [list(row) for row in rows]
    kinds = {"area_kind": DUTY_KINDS, "kind": PARTY_KINDS}
    names = [kinds.get(field, {}) for field in fields]
    told = [
        [known[cell][0] if cell in known else cell for cell, known in zip(row, names, strict=True)]
        for row in rows
    ]
    headings = CHINESE | ({"code": "单位编号", "name": "单位名称"} if "kind" in fields else {})
    return [headings[field] for field in fields], told


def content(
    fields: Sequence[str], rows: Sequence[Sequence[Any]], *, format: str, title: str, moment: datetime
) -> bytes:
    """A table as the bytes of a file; `moment` is what a workbook names as the time of its making.

    Raises BadInput(field="format").
    """
    if format not in SUFFIXES:
        raise BadInput(f"{format!r} is not a format; give one of {', '.join(SUFFIXES)}", field="format")
    if format == "csv":
        return csv_bytes(fields, rows)
    return workbook_bytes([Sheet(title, fields, rows)], moment=moment)


def write(
    fields: Sequence[str], rows: Sequence[Sequence[Any]], out: Path, *, format: str, moment: datetime
) -> None:
    """Write a table; replaces the file whole. Raises BadInput(field="format")."""
    made_of = content(fields, rows, format=format, title=out.stem, moment=moment)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        made = Path(folder, out.name)
        made.write_bytes(made_of)
        os.replace(made, out)


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
