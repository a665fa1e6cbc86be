"""Files of places -> dated versions: once every row is right, written all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from gridmap.archives import FILE_LIMIT
from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, Conflict
from gridmap.places import store
from gridmap.places.model import NewPlace, Place
from gridmap.places.reading import read_places
from gridmap.tabular import RowProblem, refused_rows

_NOISE = 1e-9  # degrees, a tenth of a millimetre: spreadsheets keep 15 or 16 digits of a coordinate


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file. `changed` closed an older version or corrected one; `closed` were absent."""

    file_name: str
    added: int
    changed: int
    unchanged: int
    closed: int


def import_file(
    connection: Connection,
    jurisdiction: Jurisdiction,
    path: Path,
    *,
    datum: str | None = None,
    kind: str | None = None,
    valid_from: date | None = None,
    replace: bool = False,
    encoding: str | None = None,
    sheet: str | None = None,
    layer: str | None = None,
    limit: int = FILE_LIMIT,
) -> Loaded:
    """Bring the places of a jurisdiction to what a file says, all or nothing.

    Tables hold points with lon and lat in `datum`, which must be declared; GeoJSON, Shapefile, GeoPackage,
    KML and FlatGeobuf hold points or polygons in their own CRS (`datum` then only for gcj02 or bd09).
    `kind`: of a file without such a column. A place that is as it was stays untouched; a changed one ends
    on `valid_from` and begins anew; a new one begins then, or has always been when it is the first of its
    kind here. Default today. A row's own valid_from stands before `valid_from`, and states with valid_to
    (empty: open) the whole period of what the row says: the version of that first day, or one that says
    the same, is corrected to it. Places that the file leaves out stay, unless `replace` ends those of the
    kinds that are in the file.

    Raises BadFile naming every refused row, BadInput, TooLarge; Conflict for a place that already has a
    version from a later day on.
    """
    store.lock(connection, jurisdiction.code)
    new = read_places(path, datum=datum, kind=kind, encoding=encoding, sheet=sheet, layer=layer, limit=limit)
    _check_near(connection, jurisdiction, path, new)
    day = valid_from or jurisdiction.today()
    kinds = {place.kind for _, place in new}
    first = kinds - store.kinds_present(connection, jurisdiction.code)
    old = store.versions(connection, jurisdiction.code, kinds)
    added = changed = unchanged = closed = 0
    for number, place in new:
        known = old.pop((place.kind, place.code), [])
        try:
            if not known:
                begin = valid_from if place.kind in first else day
                store.begin(connection, jurisdiction.code, place, *_period(place, begin))
                added += 1
            elif _renew(connection, jurisdiction.code, known, place, day):
                changed += 1
            else:
                unchanged += 1
        except BadInput as error:
            raise refused_rows(path.name, [RowProblem(number, error.field, error.message)]) from None
    for known in old.values() if replace else ():
        if known[-1].valid_to is None or known[-1].valid_to > day:
            store.end(connection, known[-1], day)
            closed += 1
    return Loaded(path.name, added, changed, unchanged, closed)


def _period(new: NewPlace, day: date | None) -> tuple[date | None, date | None]:
    """First day and first day after, of a row that begins on `day` unless it says another."""
    begin = new.valid_from or day
    if begin and new.valid_to and new.valid_to <= begin:
        text = f"{new.valid_to} is not after {begin}, when it would begin; give valid_from as well"
        raise BadInput(text, field="valid_to")
    return begin, new.valid_to


def _renew(connection: Connection, jurisdiction: str, known: list[Place], new: NewPlace, day: date) -> bool:
    """Whether anything had to be written for a place that has versions already."""
    if any(
        _same(old, new)
        and old.valid_to == new.valid_to
        and (new.valid_from is None or old.valid_from == new.valid_from)
        for old in known
    ):
        return False
    last = known[-1]
    runs_on = last.valid_to is not None and last.valid_to > day
    if new.valid_from is None and _same(last, new) and (runs_on or new.valid_to):
        if not new.end_said:
            return False
        if last.valid_from and new.valid_to and new.valid_to <= last.valid_from:
            raise _later(last, "valid_to")
        store.overwrite(connection, last, new, last.valid_from, new.valid_to)
        return True
    if new.valid_from is None and runs_on and not new.end_said:
        text = f"{new.kind} {new.code} is closed from {last.valid_to} on; give that day or a later one"
        raise Conflict(text, field="valid_from")
    _fit(connection, jurisdiction, known, new, *_period(new, day))
    return True


def _fit(
    connection: Connection,
    jurisdiction: str,
    known: list[Place],
    new: NewPlace,
    begin: date | None,
    end: date | None,
) -> None:
    """Write a period among the versions there are; at most one of them gives way."""
    first, after = begin or date.min, end or date.max
    met = [
        old for old in known if (old.valid_from or date.min) < after and first < (old.valid_to or date.max)
    ]
    if len(met) > 1:
        raise _later(met[-1], "valid_from")
    old = met[0] if met else None
    if old and (old.valid_from == begin or _same(old, new)):
        store.overwrite(connection, old, new, begin if new.valid_from else old.valid_from, end)
        return
    if old and begin:
        store.end(connection, old, begin)
    store.begin(connection, jurisdiction, new, begin, end)


def _later(old: Place, field: str) -> Conflict:
    text = f"{old.kind} {old.code} has a version from {old.valid_from} on; give a later day"
    return Conflict(text, field=field)


def _same(old: Place, new: NewPlace) -> bool:
    fields = ("name", "name_en", "capacity", "opening_hours", "service_radius_m", "address", "properties")
    return all(getattr(old, name) == getattr(new, name) for name in fields) and bool(
        old.geometry.equals_exact(new.geometry, _NOISE)
    )


def _check_near(
    connection: Connection, jurisdiction: Jurisdiction, path: Path, new: list[tuple[int, NewPlace]]
) -> None:
    """Refuse what lies over 200 km from every area; without areas yet there is nothing to compare with."""
    atlas = current_atlas(connection, jurisdiction.code)
    today = jurisdiction.today()
    if not any(atlas.sheets.values()):
        return
    problems = []
    for number, place in new:
        point = place.geometry.representative_point()
        if reason := atlas.refusal(point.x, point.y, today):
            problems.append(RowProblem(number, "lon", reason))
    if problems:
        raise refused_rows(path.name, problems)
