"""Correcting a report: its point or its category. What it was before is appended, and nothing is forgotten.

The report's own row holds what is true now, so that every reader of reports is right: maps, tiles, counts,
exports. The corrections hold what it was each time, and the view `report_as_sent` what its sender said. A
moved report is placed on the boundaries of its own day; what that changes in the counts, in those of every
cut too, is appended in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.atlas import METHODS, Atlas
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput
from gridmap.reports.batch import batch_of
from gridmap.reports.categories import vocabulary
from gridmap.reports.corrections import store
from gridmap.reports.counting import Deltas, counted
from gridmap.reports.cutting import lie
from gridmap.reports.intake import check_position, held_atlas
from gridmap.reports.model import PLACED_KINDS, NewReport, Report
from gridmap.reports.placing import place
from gridmap.reports.store import add_deltas, get, hold_cuts
from gridmap.settings import Settings
from gridmap.text import check_text

REASON_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be true of a report: another category, or another point in its datum, or both."""

    category: str | None = None
    lon: float | None = None
    lat: float | None = None
    datum: str | None = None
    accuracy_m: float | None = None

    @property
    def moves(self) -> bool:
        return self.lon is not None or self.lat is not None


@dataclass(frozen=True, slots=True)
class Corrected:
    """A report before and after its correction of this number (from 1); `changed`: category, place."""

    before: Report
    after: Report
    number: int
    changed: tuple[str, ...]


def correct(
    connection: Connection,
    jurisdiction: Jurisdiction,
    settings: Settings,
    report: UUID,
    change: Change,
    *,
    by: str,
    reason: str,
) -> Corrected:
    """Correct a report in the caller's transaction; nobody else corrects it until that ends.

    Raises NotFound(field="id"); BadInput or BadCoordinate naming what is wrong, also where nothing changes.
    """
    reason = check_text(reason, "reason", most=REASON_MOST, least=1)
    atlas = held_atlas(connection, jurisdiction, settings)
    if change.category is not None:
        vocabulary(connection, jurisdiction.code).check(change.category)
    if change.moves:
        check_position(change.lon, change.lat, change.datum, change.accuracy_m)
    before = get(connection, jurisdiction.code, report)
    hold_cuts(connection, jurisdiction.code, _month(before.occurred_at, jurisdiction), cutting=False)
    was = store.locked(connection, (report, before.occurred_at))
    now = _changed(was, before, change, atlas, jurisdiction, settings)
    changed = tuple(
        name
        for name, columns in (("category", ("category",)), ("place", ("lon", "lat", "datum", "accuracy_m")))
        if any(was[column] != now[column] for column in columns)
    )
    if not changed:
        raise BadInput("is that of the report already; give what is to be another", field="category")
    number = store.append(connection, jurisdiction.code, was, now, by, reason)
    store.update(connection, now)
    for values, sign in ((was, -1), (now, 1)):
        add_deltas(
            connection,
            jurisdiction.code,
            _signed(_deltas(values, jurisdiction, settings), sign),
            [values["category"]],
        )
    _cut_again(connection, jurisdiction, settings, atlas, was, now)
    return Corrected(before, get(connection, jurisdiction.code, report), number, changed)


def _changed(
    was: dict[str, Any],
    before: Report,
    change: Change,
    atlas: Atlas,
    jurisdiction: Jurisdiction,
    settings: Settings,
) -> dict[str, Any]:
    """The row as it is to be. Only a report that is moved is placed anew: another keeps its placement."""
    now = was | {"category": change.category or was["category"]}
    if not change.moves:
        return now
    given = {name: getattr(change, name) for name in ("lon", "lat", "datum", "accuracy_m")}
    draft = NewReport(now["category"], "", before.occurred_at, **given)
    placed = place(batch_of([draft]), atlas, jurisdiction, settings)
    if error := placed.errors.get(0):
        raise error
    distance = float(placed.edge_distance_m[0])
    versions = {f"{kind}_version": int(getattr(placed, kind)[0]) or None for kind in PLACED_KINDS}
    return (
        now
        | given
        | versions
        | {
            "geom": shapely.Point(float(placed.lon[0]), float(placed.lat[0])),
            "named_code": None,
            "method": METHODS[placed.method[0]],
            "edge_distance_m": distance if np.isfinite(distance) else None,
            "candidates": placed.candidates.get(0),
            "needs_review": bool(placed.needs_review[0]),
        }
    )


def _point(values: dict[str, Any]) -> tuple[float, float]:
    return (values["geom"].x, values["geom"].y) if values["geom"] is not None else (np.nan, np.nan)


def _near(values: dict[str, Any], settings: Settings) -> bool:
    return values["edge_distance_m"] is not None and values["edge_distance_m"] < settings.near_edge_m


def _month(moment: datetime, jurisdiction: Jurisdiction) -> date:
    return moment.astimezone(jurisdiction.zone).date().replace(day=1)


def _deltas(values: dict[str, Any], jurisdiction: Jurisdiction, settings: Settings) -> Deltas:
    """What one report adds to the counts."""
    lon, lat = _point(values)
    return counted(
        month=np.array([_month(values["occurred_at"], jurisdiction)], "datetime64[M]"),
        grid_version=np.array([values["grid_version"] or 0], np.int64),
        community_version=np.array([values["community_version"] or 0], np.int64),
        category=np.zeros(1, np.int64),
        method=np.array([METHODS.index(values["method"])]),
        lon=np.array([lon]),
        lat=np.array([lat]),
        near_edge=np.array([_near(values, settings)]),
    )


def _signed(deltas: Deltas, sign: int) -> Deltas:
    return replace(deltas, reports=sign * deltas.reports, near_edge=sign * deltas.near_edge)


def _cut_again(
    connection: Connection,
    jurisdiction: Jurisdiction,
    settings: Settings,
    atlas: Atlas,
    was: dict[str, Any],
    now: dict[str, Any],
) -> None:
    """The same for every edition that the report was cut to."""
    reference = (was["id"], was["occurred_at"])
    of_report = store.cuts(connection, reference)
    if not of_report:
        return
    editions = {edition.id: edition for edition in areas.editions(connection, jurisdiction.code)}
    for cut in of_report:
        for values, sign in ((was, -1), (now, 1)):
            lon, lat = _point(values)
            rows = {
                "lon": np.array([lon]),
                "lat": np.array([lat]),
                "grid": np.array([values["grid_version"] or 0], np.int64),
            }
            lies = lie(rows, editions[cut], atlas)
            near = lies.edge_distance_m < settings.near_edge_m
            deltas = counted(
                month=np.array([_month(values["occurred_at"], jurisdiction)], "datetime64[M]"),
                grid_version=lies.grid,
                community_version=lies.community,
                category=np.zeros(1, np.int64),
                method=lies.method,
                lon=np.full(1, np.nan),  # the cells are those of the rows themselves
                lat=np.full(1, np.nan),
                near_edge=near,
            )
            add_deltas(connection, jurisdiction.code, _signed(deltas, sign), [values["category"]], cut=cut)
        place_now = int(lies.grid[0]), METHODS[lies.method[0]], bool(near[0])  # `now` came last
        store.recut(connection, reference, cut, *place_now)
