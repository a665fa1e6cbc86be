"""How a work record gets in: validate, place where it has a coordinate, record. One is a batch of one.

The same client id with the same content is known, with another content a conflict; nothing of a refused
record is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import shapely
from sqlalchemy import Connection

from gridmap.areas.atlas import NEAREST_TOLERANCE_M, Atlas, current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.areas.store import lock_areas
from gridmap.errors import BadInput, Conflict, GridmapError
from gridmap.geometry.datums import to_wgs84
from gridmap.reports.intake import check_position, new_ids
from gridmap.text import check_text
from gridmap.works import store
from gridmap.works.kinds import find
from gridmap.works.model import NewWork, Outcome, WorkKind

EARLIEST = date(1990, 1, 1)
QUANTITY_MOST = Decimal(10**12)
QUANTITY_PLACES = 6
REPORTS_MOST = 1_000  # linked to one record


@dataclass(slots=True)
class _Row:
    """A record on its way."""

    position: int
    work: NewWork
    body: bytes
    client_id: str
    reports: list[tuple[UUID, datetime]]
    wgs84: tuple[float, float] | None = None
    grid_version: int | None = None


def record(
    connection: Connection,
    jurisdiction: Jurisdiction,
    works: Sequence[NewWork],
    *,
    nearest_tolerance_m: float = NEAREST_TOLERANCE_M,
) -> list[Outcome]:
    """Store a batch; -> one outcome per record, in their order. The caller's transaction decides it all."""
    lock_areas(connection, jurisdiction.code, shared=True)
    known = store.kinds(connection)
    atlas = None
    if any(work.lon is not None for work in works):
        atlas = current_atlas(connection, jurisdiction.code, nearest_tolerance_m=nearest_tolerance_m)
    reports = _reports(connection, jurisdiction.code, works)
    outcomes: list[Outcome | None] = [None] * len(works)
    rows: list[_Row] = []
    for position, work in enumerate(works):
        try:
            row = _checked(position, work, jurisdiction, known, reports)
            if atlas is not None and work.lon is not None:
                _place(row, atlas)
            rows.append(row)
        except GridmapError as error:
            outcomes[position] = Outcome("refused", error=error)
    _store(connection, jurisdiction.code, rows, outcomes)
    return [outcome for outcome in outcomes if outcome is not None]


def _reports(
    connection: Connection, jurisdiction: str, works: Sequence[NewWork]
) -> Mapping[UUID | str, tuple[UUID, datetime]]:
    wanted = {id_ for work in works for id_ in work.report_ids}
    texts = [id_ for id_ in wanted if isinstance(id_, str)]
    storable = [text for text in texts if "\0" not in text and text.isprintable()]
    return store.report_times(
        connection, jurisdiction, [id_ for id_ in wanted if isinstance(id_, UUID)], storable
    )


def _checked(
    position: int,
    work: NewWork,
    jurisdiction: Jurisdiction,
    known: Mapping[str, WorkKind],
    reports: Mapping[UUID | str, tuple[UUID, datetime]],
) -> _Row:
    kind = find(known, work.kind)
    if work.unit and work.unit != kind.unit:
        raise BadInput(f"{kind.code} is counted in {kind.unit}, not {work.unit[:20]!r}", field="unit")
    check_quantity(work.quantity)
    if not EARLIEST <= work.occurred_on <= jurisdiction.today():
        raise BadInput(f"{work.occurred_on} is before 1990 or in the future", field="occurred_on")
    if work.lon is not None or work.lat is not None:
        check_position(work.lon, work.lat, work.datum, None)
    if len(work.report_ids) > REPORTS_MOST:
        raise BadInput(f"names over {REPORTS_MOST:,} reports", field="report_ids")
    missing = [id_ for id_ in work.report_ids if id_ not in reports]
    if missing:
        raise BadInput(f"there is no report {str(missing[0])[:60]!r}", field="report_ids")
    linked = sorted({reports[id_] for id_ in work.report_ids})
    clean = replace(
        work,
        kind=kind.code,
        place_name=check_text(work.place_name, "place_name", most=200, lines=False),
        note=check_text(work.note, "note", most=2_000),
        datum=work.datum if work.lon is not None else None,
    )
    body = _body(clean, linked)
    if work.client_id is not None:
        check_text(work.client_id, "client_id", most=128, least=1, lines=False)
    return _Row(position, clean, body, work.client_id or f"content-{body.hex()[:32]}", linked)


def check_quantity(quantity: Decimal) -> None:
    """Raise BadInput(field="quantity") unless it is a finite number above 0 of at most six decimals."""
    if not quantity.is_finite() or not 0 < quantity <= QUANTITY_MOST:
        raise BadInput("give a number above 0 and at most 10^12", field="quantity")
    exponent = quantity.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > QUANTITY_PLACES:
        raise BadInput(f"has more than {QUANTITY_PLACES} decimals", field="quantity")


def _body(work: NewWork, linked: Sequence[tuple[UUID, datetime]]) -> bytes:
    """sha256 of what the record says, whatever its client id."""
    said = [
        work.kind,
        format(work.quantity.normalize(), "f"),
        work.occurred_on.isoformat(),
        work.place_name,
        work.note,
        work.lon,
        work.lat,
        work.datum,
        [str(id_) for id_, _ in linked],
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).digest()


def _place(row: _Row, atlas: Atlas) -> None:
    work = row.work
    assert work.lon is not None
    assert work.lat is not None
    assert work.datum is not None
    located = atlas.locate(work.lon, work.lat, work.occurred_on, datum=work.datum)
    lon, lat = to_wgs84(work.lon, work.lat, work.datum)
    row.wgs84 = (float(lon), float(lat))
    row.grid_version = located.grid.id if located.grid else None


def _store(
    connection: Connection, jurisdiction: str, rows: Sequence[_Row], outcomes: list[Outcome | None]
) -> None:
    """Insert what is new, and say of the rest whether it is the same."""
    first: dict[str, _Row] = {}
    for row in rows:
        first.setdefault(row.client_id, row)
    ids = dict(zip(first, new_ids(len(first)), strict=True))
    # in order of their client ids, so that two batches with ids in common wait for each other in turn
    values = [_columns(first[c], ids[c], jurisdiction) for c in sorted(first)]
    new = store.insert(connection, values) if values else set()
    store.link(
        connection,
        [
            {"work_id": ids[c], "report_id": id_, "occurred_at": moment}
            for c in sorted(new)
            for id_, moment in first[c].reports
        ],
    )
    stored = store.bodies(connection, jurisdiction, list(first)) if first else {}
    for row in rows:
        id_, body = stored.get(row.client_id, (None, b""))  # none: of somebody whose records are not seen
        if body != row.body:
            text = f"another work record has the client_id {row.client_id!r}; send a new id"
            outcomes[row.position] = Outcome("conflict", error=Conflict(text, field="client_id"))
        elif row.client_id in new and first[row.client_id] is row:
            outcomes[row.position] = Outcome("created", id_)
        else:
            outcomes[row.position] = Outcome("known", id_)


def _columns(row: _Row, id_: UUID, jurisdiction: str) -> dict[str, object]:
    work = row.work
    return {
        "id": id_,
        "jurisdiction": jurisdiction,
        "client_id": row.client_id,
        "kind": work.kind,
        "quantity": work.quantity,
        "occurred_on": work.occurred_on,
        "place_name": work.place_name,
        "note": work.note,
        "lon": work.lon,
        "lat": work.lat,
        "datum": work.datum,
        "geom": None if row.wgs84 is None else shapely.Point(row.wgs84),
        "grid_version": row.grid_version,
        "body_sha256": row.body,
    }
