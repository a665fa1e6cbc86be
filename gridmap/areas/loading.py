"""Area files to editions: read, check, report, and only then store, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gridmap.archives import FILE_LIMIT
from gridmap.areas import store
from gridmap.areas.atlas import current_atlas
from gridmap.areas.checking import PARENT_KINDS, check_layer, choose_fields
from gridmap.areas.model import AreaVersion, Edition, Jurisdiction, NewArea
from gridmap.areas.verdicts import CheckReport
from gridmap.errors import AreasRefused, BadInput, Conflict
from gridmap.vectors import read_layer
from gridmap.vectors.reading import check_readable


def check_file(
    path: Path,
    *,
    kind: str = "grid",
    code_field: str | None = None,
    name_field: str | None = None,
    parent_field: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    datum: str | None = None,
    code_rule: str | None = None,
    jurisdiction: str | None = None,
    parents: Sequence[AreaVersion] | None = None,
    codes_needed: bool = False,
    limit: int = FILE_LIMIT,
) -> CheckReport:
    """Read a file and judge every feature; nothing is written and no database is needed.

    `jurisdiction` (a code) and `parents` make the check stricter. Without fields for code and name only
    geometries are judged, unless `codes_needed`. Raises BadFile, BadInput and TooLarge for what cannot be
    judged at all.
    """
    store.check_kind(kind)
    read = read_layer(path, limit=limit, layer=layer, encoding=encoding, crs=crs, datum=datum)
    fields = choose_fields(read, code_field, name_field, parent_field, needed=codes_needed)
    return check_layer(
        read, kind=kind, fields=fields, code_rule=code_rule, jurisdiction=jurisdiction, parents=parents
    )


def import_file(
    connection: Connection,
    jurisdiction: Jurisdiction,
    path: Path,
    *,
    kind: str,
    valid_from: date | None = None,
    loaded_by: str = "gridmap",
    on_report: Callable[[CheckReport], None] | None = None,
    limit: int = FILE_LIMIT,
    **options: Any,
) -> Edition:
    """Check a file against the jurisdiction and store it as an edition; `options` are those of check_file.

    `on_report` is called with the check before anything is written. The file and areas of the edition in
    force add nothing: that edition comes back. Raises what check_file does, AreasRefused when the check
    failed, BadInput when a later edition has no day, and Conflict when its day is not after every earlier
    edition's or the areas changed while the file was checked (it is not locked out for so long).
    """
    store.check_kind(kind)
    check_readable(path, limit)
    before = store.signature(connection, jurisdiction.code)
    day = valid_from or jurisdiction.today()
    report = check_file(
        path,
        kind=kind,
        jurisdiction=jurisdiction.code,
        parents=load_parents(connection, jurisdiction.code, kind, day),
        codes_needed=True,
        limit=limit,
        **options,
    )
    _check_near(connection, jurisdiction, report.areas, day)
    if on_report:
        on_report(report)
    if not report.passed:
        raise AreasRefused(_summary(report), field="file")
    store.lock_areas(connection, jurisdiction.code)
    if store.signature(connection, jurisdiction.code) != before:
        raise Conflict("somebody loaded areas while this file was checked; try again", field="file")
    earlier = store.editions(connection, jurisdiction.code, kind)
    if earlier and earlier[-1].sha256 == report.sha256 and _same(connection, earlier[-1], report.areas):
        return earlier[-1]
    return store.add_edition(
        connection,
        jurisdiction.code,
        kind,
        report.areas,
        file_name=path.name,
        sha256=report.sha256,
        loaded_by=loaded_by,
        valid_from=valid_from,
    )


def _check_near(
    connection: Connection, jurisdiction: Jurisdiction, areas: Sequence[NewArea], day: date
) -> None:
    """Refuse a file that lies far from all that the jurisdiction has: the wrong one, or the wrong CRS."""
    atlas = current_atlas(connection, jurisdiction.code)
    if not areas or not any(atlas.sheets.values()):
        return
    west, south, east, north = shapely.total_bounds(np.array([a.geometry for a in areas], dtype=object))
    if reason := atlas.refusal(float(west + east) / 2, float(south + north) / 2, day):
        raise BadInput(f"its areas are not where {jurisdiction.code} is: {reason}", field="file")


def load_parents(connection: Connection, jurisdiction: str, kind: str, day: date) -> list[AreaVersion]:
    """Boundaries, valid on `day`, of the kinds that can be parents of this one."""
    return [
        parent
        for parent_kind in PARENT_KINDS[kind]
        for parent in store.areas(connection, jurisdiction, kind=parent_kind, day=day)
    ]


def _same(connection: Connection, edition: Edition, areas: Sequence[NewArea]) -> bool:
    """Whether the edition in force holds exactly these areas. (A first edition keeps no day of its own, so
    that the command that made it, day and all, must be known again by what it would store.)"""
    stored = {
        v.code: v
        for v in store.versions(connection, edition.jurisdiction, edition.kind)
        if v.edition_id == edition.id
    }
    return len(stored) == len(areas) and all(
        (old := stored.get(new.code)) is not None
        and (old.name, old.parent_code, old.properties) == (new.name, new.parent_code, new.properties)
        and old.geometry.equals_exact(new.geometry)
        for new in areas
    )


def _summary(report: CheckReport) -> str:
    refused = [finding for finding in report.findings if finding.severity == "refused"]
    shown = [
        (f"feature {finding.numbers[0]}: " if len(finding.numbers) == 1 else "") + finding.message
        for finding in refused[:3]
    ]
    more = f" … and {len(refused) - 3} more" if len(refused) > 3 else ""
    return f"{report.file_name} is refused, nothing was written: {'; '.join(shown)}{more}"
