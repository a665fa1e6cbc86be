"""People, parties and duties as tables (CSV, XLSX) that can be imported again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from gridmap.areas.atlas import Atlas
from gridmap.errors import BadInput
from gridmap.people.model import Duty, Party, Person, Post, split_unit, unit_name
from gridmap.spreadsheets import csv_bytes, xlsx_bytes

SUFFIXES = {"csv": ".csv", "xlsx": ".xlsx"}
PERSON = ("code", "name", "phone", "left_on")
PARTY = ("code", "kind", "name", "name_en", "area_kind", "area_code", "phone", "valid_from", "valid_to")
DUTY = (
    *("person", "person_name", "post", "post_name", "area_kind", "area_code", "area_name", "party"),
    *("valid_from", "valid_to"),
)


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


def write(fields: Sequence[str], rows: Iterable[Sequence[Any]], out: Path, *, format: str) -> None:
    """Write a table; replaces the file whole. Raises BadInput(field="format")."""
    if format not in SUFFIXES:
        raise BadInput(f"{format!r} is not a format; give one of {', '.join(SUFFIXES)}", field="format")
    content = csv_bytes(fields, rows) if format == "csv" else xlsx_bytes(fields, rows, title=out.stem)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        made = Path(folder, out.name)
        made.write_bytes(content)
        os.replace(made, out)


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
