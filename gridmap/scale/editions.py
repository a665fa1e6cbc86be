"""The areas of a job: editions of the database, or files that were exported from one; as an atlas to send.

A worker needs neither: it is given the atlas.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

from sqlalchemy import Connection

from gridmap.areas.atlas import Atlas, load_atlas
from gridmap.areas.loading import check_file
from gridmap.areas.model import AREA_KINDS, AreaVersion, NewArea
from gridmap.areas.sheets import Sheet
from gridmap.errors import AreasRefused, BadInput, NotFound

CUT_ALONE = ("grid", "compound", "building")  # a community follows from the grid


def from_database(connection: Connection, jurisdiction: str, editions: Collection[int] = ()) -> Atlas:
    """All editions of a jurisdiction, or only those named. Raises NotFound for a number that is none."""
    atlas = load_atlas(connection, jurisdiction)
    if not editions:
        return atlas
    known = {sheet.versions[0].edition_id for sheets in atlas.sheets.values() for sheet in sheets}
    if missing := sorted(set(editions) - known):
        numbers = ", ".join(map(str, sorted(known)))
        raise NotFound(f"{jurisdiction} has no edition {missing[0]}; there are {numbers}", field="areas")
    chosen = {
        kind: tuple(sheet for sheet in sheets if sheet.versions[0].edition_id in editions)
        for kind, sheets in atlas.sheets.items()
    }
    return _atlas(jurisdiction, chosen)


def from_files(jurisdiction: str, paths: Sequence[Path]) -> Atlas:
    """Editions from files as `areas export` writes them, with code, name, parent, kind and valid_from.

    Each holds one kind on one day; several of a kind have different days from which they are valid. Raises
    BadInput, and AreasRefused for what could not be imported either.
    """
    sheets: dict[str, list[Sheet]] = {}
    ids = count(1)
    for edition, path in enumerate(paths, 1):
        areas = _read(path)
        kind = _only(path, "kind", [a.properties.get("kind") for a in areas])
        if kind not in AREA_KINDS:
            raise BadInput(
                f"{path.name}: {kind!r} is not a kind of area; give one of {', '.join(AREA_KINDS)}",
                field="areas",
            )
        first_day = _day(path, _only(path, "valid_from", [a.properties.get("valid_from") for a in areas]))
        if any(sheet.first_day == first_day for sheet in sheets.get(kind, ())):
            raise BadInput(
                f"{path.name}: there are areas of kind {kind} from {first_day or 'the beginning'} already",
                field="areas",
            )
        versions = tuple(
            AreaVersion(
                next(ids), kind, a.code, a.name, a.parent_code, {}, a.geometry, edition, first_day, None
            )
            for a in sorted(areas, key=lambda area: area.code)
        )
        sheets.setdefault(kind, []).append(Sheet(first_day, versions))
    return _atlas(
        jurisdiction,
        {kind: tuple(sorted(found, key=lambda s: s.first_day or date.min)) for kind, found in sheets.items()},
    )


def always(base: Atlas, chosen: Atlas) -> tuple[Atlas, tuple[str, ...]]:
    """(atlas, kinds): `chosen`, one edition of a kind, on every day; of other kinds those of `base`.

    Raises BadInput for several editions of a kind and for kinds that are not cut by themselves.
    """
    kinds = tuple(kind for kind, sheets in chosen.sheets.items() if sheets)
    if several := next((kind for kind in kinds if len(chosen.sheets[kind]) > 1), None):
        raise BadInput(f"name one edition of {several}, not several", field="areas")
    cut = tuple(kind for kind in kinds if kind in CUT_ALONE)
    if not cut or (set(kinds) - {"community"} - {*cut}) or ("community" in kinds and "grid" not in cut):
        raise BadInput(f"name editions of {', '.join(CUT_ALONE)}; communities only with grids", field="areas")
    sheets = {kind: (replace(chosen.sheets[kind][0], first_day=None),) for kind in kinds}
    return _atlas(
        base.jurisdiction, {kind: base.sheets.get(kind, ()) for kind in ("community",)} | sheets
    ), cut


def _atlas(jurisdiction: str, sheets: dict[str, tuple[Sheet, ...]]) -> Atlas:
    versions = [v for found in sheets.values() for sheet in found for v in sheet.versions]
    return Atlas(jurisdiction, (0, 0), sheets, {v.id: v for v in versions})


def _read(path: Path) -> Sequence[NewArea]:
    report = check_file(path, codes_needed=True)
    if not report.passed:
        first = next(f for f in report.findings if f.severity == "refused")
        raise AreasRefused(f"{path.name}: {first.message}; `gridmap areas check` tells all", field="areas")
    if not report.areas:
        raise AreasRefused(f"{path.name} holds no areas", field="areas")
    return report.areas


def _only(path: Path, name: str, values: Sequence[object]) -> str | None:
    distinct = {str(value) if value is not None else None for value in values}
    if len(distinct) > 1:
        raise BadInput(f"{path.name}: its areas differ in {name}; give one edition a file", field="areas")
    found = distinct.pop()
    if found is None and name == "kind":
        raise BadInput(
            f"{path.name}: has no field kind; give a file of `gridmap areas export`", field="areas"
        )
    return found


def _day(path: Path, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10].replace("/", "-")) if text else None
    except ValueError:
        raise BadInput(f"{path.name}: valid_from {text!r} is not a day", field="areas") from None
