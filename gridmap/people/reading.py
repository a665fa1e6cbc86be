"""Files of people, parties and duties -> values row by row, each refused row with its number. Writes nothing.

A table may be one of our own exports: the apostrophes that guard its CSV from formulas are taken off, and
columns for readers (names of posts and areas) do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gridmap.areas.model import AREA_KINDS
from gridmap.errors import BadInput, GridmapError
from gridmap.people.model import Party, Person, check_party_kind, check_phone
from gridmap.spreadsheets import from_text
from gridmap.tabular import DELIMITED, RowProblem, choose_columns, open_table, plain_day
from gridmap.text import check_text

PEOPLE = {
    "code": ("code", "person", "人员编号", "编号", "工号", "编码"),
    "name": ("name", "姓名"),
    "phone": ("phone", "电话", "联系电话", "手机", "手机号"),
    "left_on": ("left_on", "离任日期", "离岗日期"),
}
PARTIES = {
    "code": ("code", "party", "单位编号", "单位编码", "编号", "编码"),
    "kind": ("kind", "类型", "类别", "单位类型"),
    "name": ("name", "名称", "单位名称"),
    "name_en": ("name_en", "英文名", "英文名称"),
    "area_kind": ("area_kind", "区域类型"),
    "area_code": ("area_code", "区域编码"),
    "phone": ("phone", "电话", "联系电话"),
    "valid_from": ("valid_from", "启用日期", "起始日期"),
    "valid_to": ("valid_to", "停用日期", "截止日期"),
}
DUTIES = {
    "person": ("person", "人员编号", "工号", "编号"),
    "post": ("post", "职务", "岗位", "职责"),
    "area_kind": ("area_kind", "区域类型"),
    "area_code": ("area_code", "区域编码", "网格编码", "楼栋编码", "单元编码", "编码"),
    "party": ("party", "责任单位编号", "责任单位", "单位编号"),
    "valid_from": ("valid_from", "任职日期", "起始日期"),
    "valid_to": ("valid_to", "离任日期", "截止日期"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A row's texts by field, None where empty; `fields`: those that the file has a column for."""

    number: int
    values: Mapping[str, str | None]
    fields: frozenset[str]

    def __getitem__(self, field: str) -> str | None:
        return self.values.get(field)

    def needed(self, field: str) -> str:
        """Raises BadInput(field) where it is empty."""
        text = self.values.get(field)
        if not text:
            raise BadInput("is empty", field=field)
        return text

    def day(self, field: str) -> date | None:
        text = self.values.get(field)
        return plain_day(text, field) if text else None


def rows(
    path: Path,
    headings: Mapping[str, Sequence[str]],
    needed: Sequence[str],
    *,
    encoding: str | None,
    sheet: str | None,
    limit: int,
    problems: list[RowProblem],
) -> Iterator[Told]:
    """The rows of a table; those that cannot be used go to `problems`. Raises BadFile, TooLarge."""
    table = open_table(path, encoding=encoding, sheet=sheet, limit=limit)
    columns = choose_columns(table.fields, headings, needed=needed)
    guarded = path.suffix.lower() in DELIMITED
    for row in table.rows:
        if row.problem:
            problems.append(RowProblem(row.number, None, row.problem))
            continue
        values: dict[str, str | None] = {}
        for field, heading in columns.items():
            text = (row.values.get(heading) or "").strip()
            values[field] = (from_text(text) if guarded else text) or None
        yield Told(row.number, values, frozenset(columns))


def person(told: Told, known: Person | None) -> Person:
    """A person as a row says; what the file has no column for stays as it is `known`."""
    return Person(
        code=_code(told, "code"),
        name=_text(told, "name", 100) or (known.name if known else told.needed("name")),
        phone=_phone(told) if "phone" in told.fields else known.phone if known else None,
        left_on=told.day("left_on") if "left_on" in told.fields else known.left_on if known else None,
    )


def party(told: Told, known: Party | None) -> Party:
    """A party as a row says; what the file has no column for stays as it is `known`."""

    def kept(field: str, value: Any) -> Any:
        return value if field in told.fields or known is None else getattr(known, field)

    kind, area = told["area_kind"], _text(told, "area_code", 64)
    if (kind is None) != (area is None):
        raise BadInput(
            "give kind and code of the area, or neither", field="area_code" if kind else "area_kind"
        )
    if kind is not None:
        kind = _area_kind(kind)
    valid_from, valid_to = told.day("valid_from"), told.day("valid_to")
    if valid_from and valid_to and valid_to <= valid_from:
        raise BadInput(f"{valid_to} is not after valid_from {valid_from}", field="valid_to")
    return Party(
        code=_code(told, "code"),
        kind=check_party_kind(told.needed("kind")),
        name=_text(told, "name", 200) or told.needed("name"),
        name_en=kept("name_en", _text(told, "name_en", 200)),
        area_kind=kept("area_kind", kind),
        area_code=kept("area_code", area),
        phone=kept("phone", _phone(told)),
        valid_from=kept("valid_from", valid_from),
        valid_to=kept("valid_to", valid_to),
    )


def _area_kind(word: str) -> str:
    plain = word.casefold()
    for kind, (name, name_en) in AREA_KINDS.items():
        if plain in (kind, name, name_en.casefold()):
            return kind
    raise BadInput(f"{word[:40]!r} is not one of {', '.join(AREA_KINDS)}", field="area_kind")


def problem(told: Told, error: GridmapError) -> RowProblem:
    return RowProblem(told.number, error.field, error.message)


def _code(told: Told, field: str) -> str:
    return check_text(told.needed(field), field, most=64, least=1, lines=False)


def _text(told: Told, field: str, most: int) -> str | None:
    text = told[field]
    return check_text(text, field, most=most, lines=False) if text else None


def _phone(told: Told) -> str | None:
    return check_phone(told["phone"])
