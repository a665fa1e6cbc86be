"""How a report gets in: validate, place, record. One report is a batch of one; a file is several batches.

Placement is decided in the transaction that stores the report, on the editions valid on its own day,
while those are held still. Nothing of a refused draft is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import Connection

from gridmap.areas.atlas import METHODS, NAMED, OUTSIDE, Atlas, Located, current_atlas, out_of_range
from gridmap.areas.model import AreaVersion, Jurisdiction
from gridmap.areas.store import lock_areas
from gridmap.database.sessions import Database
from gridmap.errors import BadCoordinate, BadInput, Conflict, GridmapError
from gridmap.geometry.datums import DATUMS, to_wgs84
from gridmap.reports import store
from gridmap.reports.categories import Vocabulary, vocabulary
from gridmap.reports.counting import summed
from gridmap.reports.model import AreaRef, NewReport, Outcome, Placement
from gridmap.settings import Settings
from gridmap.text import check_text

WIDEST_OFFSET = timedelta(hours=16)  # what PostgreSQL takes
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
DESCRIPTION_MOST = 5_000
ACCURACY_MOST_M = 200_000.0


@dataclass(slots=True)
class _Row:
    """A draft on its way: where it stands in the batch, and what became of it so far."""

    position: int
    draft: NewReport
    body: bytes
    client_id: str
    wgs84: tuple[float, float] | None = None
    located: Located | None = None
    named_code: str | None = None
    review: bool = False


def record(
    database: Database,
    jurisdiction: Jurisdiction,
    drafts: Sequence[NewReport],
    *,
    import_id: int | None = None,
) -> list[Outcome]:
    """Store a batch in one transaction; -> one outcome per draft, in their order, once it is committed."""
    prepare_months(database, [d.occurred_at for d in drafts])
    with database.writing() as connection:
        return record_batch(connection, jurisdiction, drafts, settings=database.settings, import_id=import_id)


def prepare_months(
    database: Database, times: Iterable[datetime], *, made: frozenset[date] = frozenset()
) -> frozenset[date]:
    """Make the partitions (months of UTC) that reports of these times will need, in a transaction of its own.

    `made` are months that need no look; -> they and the new ones.
    """
    fitting = (moment.astimezone(UTC) for moment in times if moment.tzinfo and _time_fits(moment))
    months = {date(moment.year, moment.month, 1) for moment in fitting} - made
    if months:
        with database.writing() as connection:
            store.make_months(connection, months)
    return made | months


def record_batch(
    connection: Connection,
    jurisdiction: Jurisdiction,
    drafts: Sequence[NewReport],
    *,
    settings: Settings,
    import_id: int | None = None,
) -> list[Outcome]:
    """`record` inside the caller's transaction; its months must be there."""
    lock_areas(connection, jurisdiction.code, shared=True)
    atlas = current_atlas(connection, jurisdiction.code, nearest_tolerance_m=settings.nearest_tolerance_m)
    known = vocabulary(connection, jurisdiction.code)
    outcomes: list[Outcome | None] = [None] * len(drafts)
    rows: list[_Row] = []
    for position, draft in enumerate(drafts):
        try:
            rows.append(_checked(position, draft, known))
        except GridmapError as error:
            outcomes[position] = Outcome("refused", error=error)
    _place(rows, outcomes, atlas, jurisdiction, settings)
    rows = [row for row in rows if outcomes[row.position] is None]
    _store(connection, jurisdiction, rows, outcomes, import_id)
    _tally(connection, jurisdiction, rows, outcomes, settings)
    return [outcome for outcome in outcomes if outcome is not None]


def _checked(position: int, draft: NewReport, known: Vocabulary) -> _Row:
    """Everything that can be said about a draft without knowing the areas."""
    known.check(draft.category)
    description = check_text(draft.description, "description", most=DESCRIPTION_MOST)
    check_time(draft.occurred_at)
    if draft.lon is None and draft.lat is None:
        if not draft.named_area:
            raise BadCoordinate("give lon and lat, or the name of a compound or building", field="location")
        check_text(draft.named_area, "named_area", most=200, lines=False)
    else:
        check_position(draft.lon, draft.lat, draft.datum, draft.accuracy_m)
    draft = replace(draft, description=description)
    body = _body(draft)
    client_id = draft.client_id
    if client_id is not None:
        check_text(client_id, "client_id", most=128, least=1, lines=False)
    return _Row(position, draft, body, client_id or f"content-{body.hex()[:32]}")


def check_time(moment: datetime) -> None:
    """Raise BadInput(field="occurred_at") for a naive time, one in the future, or one before 1990."""
    if moment.tzinfo is None:
        raise BadInput("has no offset; give it like 2023-06-18T20:30:00+08:00", field="occurred_at")
    offset = moment.utcoffset()
    if offset is None or abs(offset) >= WIDEST_OFFSET:
        raise BadInput("has an offset of 16 hours or more, which no place has", field="occurred_at")
    if not _time_fits(moment):
        raise BadInput("is before 1990 or more than a day in the future", field="occurred_at")


def _time_fits(moment: datetime) -> bool:
    return EARLIEST <= moment <= datetime.now(UTC) + timedelta(days=1)


def check_position(lon: float | None, lat: float | None, datum: str | None, accuracy_m: float | None) -> None:
    """Raise BadCoordinate or BadInput naming lon, lat, datum or accuracy_m."""
    for field, value in (("lon", lon), ("lat", lat)):
        if value is None:
            raise BadCoordinate("is missing; give both lon and lat", field=field)
    assert lon is not None
    assert lat is not None
    if (reason := out_of_range(lon, lat)) is not None:
        raise BadCoordinate(reason[1], field=reason[0])
    if datum not in DATUMS:
        raise BadInput(f"declare the datum, one of {', '.join(DATUMS)}", field="datum")
    if accuracy_m is not None and not 0 < accuracy_m <= ACCURACY_MOST_M:
        raise BadInput("give the radius in metres, more than 0 and at most 200,000", field="accuracy_m")


def _body(draft: NewReport) -> bytes:
    """sha256 of what the report says, whatever its client id."""
    place = (draft.lon, draft.lat, draft.datum, draft.accuracy_m, draft.named_area)
    moment = draft.occurred_at.astimezone(UTC).isoformat()
    text = json.dumps([draft.category, draft.description, moment, *place], ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def _place(
    rows: list[_Row],
    outcomes: list[Outcome | None],
    atlas: Atlas,
    jurisdiction: Jurisdiction,
    settings: Settings,
) -> None:
    """Fill wgs84, located and review of every row; refuse what lies far from every area."""
    for row in rows:
        if row.draft.lon is None:
            try:
                _place_named(row, atlas, jurisdiction, settings)
            except GridmapError as error:
                outcomes[row.position] = Outcome("refused", error=error)
    rows = [row for row in rows if row.draft.lon is not None]
    if not rows:
        return
    lon, lat = _to_wgs84([row.draft for row in rows])
    days = [row.draft.occurred_at.astimezone(jurisdiction.zone).date() for row in rows]
    accuracy = np.array([np.nan if (a := row.draft.accuracy_m) is None else a for row in rows])
    placed = atlas.place(lon, lat, days, None if np.isnan(accuracy).all() else accuracy)
    for index, row in enumerate(rows):
        row.wgs84 = (float(lon[index]), float(lat[index]))
        if placed.method[index] == OUTSIDE and (reason := atlas.refusal(*row.wgs84, days[index])):
            outcomes[row.position] = Outcome("refused", error=BadCoordinate(reason, field="location"))
            continue
        row.located = atlas.located(placed, index)
        row.review = _uncertain(row.located.candidates, settings)


def _place_named(row: _Row, atlas: Atlas, jurisdiction: Jurisdiction, settings: Settings) -> None:
    """A row without a coordinate lies in the grid that holds most of the compound or building it names."""
    day = row.draft.occurred_at.astimezone(jurisdiction.zone).date()
    area, shares = atlas.named((row.draft.named_area or "").strip(), day)
    grid = shares[0][0] if shares else None
    communities = atlas.sheet("community", day)
    at = communities.row_of_code.get(grid.parent_code or "", -1) if grid and communities else -1
    candidates = tuple((each.code, share) for each, share in shares)
    row.located = Located(
        METHODS[NAMED],
        grid,
        communities.versions[at] if communities and at >= 0 else None,
        area if area.kind == "compound" else _compound_of(area, atlas, day),
        area if area.kind == "building" else None,
        None,
        candidates,
    )
    row.named_code = area.code
    row.review = not shares or _uncertain(candidates, settings)


def _compound_of(building: AreaVersion, atlas: Atlas, day: date) -> AreaVersion | None:
    compounds = atlas.sheet("compound", day)
    at = compounds.row_of_code.get(building.parent_code or "", -1) if compounds else -1
    return compounds.versions[at] if compounds and at >= 0 else None


def _uncertain(candidates: tuple[tuple[str, float], ...], settings: Settings) -> bool:
    return bool(candidates) and candidates[0][1] < settings.review_below


def _to_wgs84(drafts: Sequence[NewReport]) -> tuple[np.ndarray, np.ndarray]:
    given = np.array([(d.lon, d.lat) for d in drafts], dtype=np.float64)
    lon, lat = given[:, 0].copy(), given[:, 1].copy()
    for datum in {d.datum for d in drafts if d.datum}:
        mine = np.array([d.datum == datum for d in drafts])
        lon[mine], lat[mine] = to_wgs84(given[mine, 0], given[mine, 1], datum)
    return lon, lat


def _store(
    connection: Connection,
    jurisdiction: Jurisdiction,
    rows: list[_Row],
    outcomes: list[Outcome | None],
    import_id: int | None,
) -> None:
    """Claim the client ids, copy in what is new, and say of the rest whether it is the same."""
    first: dict[str, _Row] = {}
    for row in rows:
        first.setdefault(row.client_id, row)
    ids = dict(zip(first, new_ids(len(first)), strict=True))
    claims = [(c, ids[c], row.draft.occurred_at, row.body) for c, row in first.items()]
    # in order of their ids, so that two batches with ids in common wait for each other in turn
    new = store.claim_keys(connection, jurisdiction.code, sorted(claims)) if claims else set()
    recorded_at = datetime.now(UTC)
    store.copy_reports(
        connection,
        (_columns(first[c], ids[c], jurisdiction.code, recorded_at, import_id) for c in first if c in new),
    )
    stored = store.keys(connection, jurisdiction.code, [c for c in first if c not in new])
    bodies = {c: first[c].body for c in new} | {c: key[2] for c, key in stored.items()}
    old = store.by_ids(connection, jurisdiction.code, [key[:2] for key in stored.values()])
    for row in rows:
        created = row.client_id in new
        if created and first[row.client_id] is row:
            outcomes[row.position] = Outcome(
                "created", ids[row.client_id], _placement(row.located), row.review
            )
        elif bodies[row.client_id] != row.body:
            error = Conflict(
                f"another report has the client_id {row.client_id!r}; send a new id", field="client_id"
            )
            outcomes[row.position] = Outcome("conflict", error=error)
        elif created:
            outcomes[row.position] = Outcome(
                "known", ids[row.client_id], _placement(first[row.client_id].located), row.review
            )
        else:
            id_ = stored[row.client_id][0]
            outcomes[row.position] = Outcome("known", id_, old[id_].placement, old[id_].needs_review)


def _tally(
    connection: Connection,
    jurisdiction: Jurisdiction,
    rows: list[_Row],
    outcomes: list[Outcome | None],
    settings: Settings,
) -> None:
    """Add the reports that are new to the monthly counts."""
    new = [row for row in rows if (o := outcomes[row.position]) is not None and o.status == "created"]
    if not new:
        return
    located = [row.located for row in new if row.located is not None]
    local = [row.draft.occurred_at.astimezone(jurisdiction.zone) for row in new]
    points = np.array([row.wgs84 or (np.nan, np.nan) for row in new])
    distance = np.array([np.inf if (d := each.edge_distance_m) is None else d for each in located])
    deltas = summed(
        month=np.array([f"{moment:%Y-%m}" for moment in local], dtype="datetime64[M]"),
        grid_version=np.array([each.grid.id if each.grid else 0 for each in located]),
        community_version=np.array([each.community.id if each.community else 0 for each in located]),
        category=[row.draft.category for row in new],
        method=np.array([METHODS.index(each.method) for each in located]),
        lon=points[:, 0],
        lat=points[:, 1],
        near_edge=distance < settings.near_edge_m,
    )
    store.add_deltas(connection, jurisdiction.code, deltas)


def new_ids(count: int) -> list[UUID]:
    """UUIDs of version 7 (RFC 9562): in order of time, so that indexes grow at one end; 74 random bits."""
    moment = int(time.time() * 1000).to_bytes(6, "big")
    made = []
    for _ in range(count):
        raw = bytearray(moment + os.urandom(10))
        raw[6] = raw[6] & 0x0F | 0x70
        raw[8] = raw[8] & 0x3F | 0x80
        made.append(UUID(bytes=bytes(raw)))
    return made


def _columns(
    row: _Row, id_: UUID, jurisdiction: str, recorded_at: datetime, import_id: int | None
) -> tuple[object, ...]:
    """The row in the order of store.COLUMNS."""
    draft, located = row.draft, row.located
    assert located is not None
    point = (
        None
        if row.wgs84 is None
        else shapely.to_wkb(shapely.set_srid(shapely.Point(row.wgs84), 4326), hex=True, include_srid=True)
    )
    versions = [
        a.id if a else None for a in (located.grid, located.community, located.compound, located.building)
    ]
    return (
        id_, draft.occurred_at, recorded_at, jurisdiction, row.client_id, draft.category, draft.description,
        import_id, draft.lon, draft.lat, draft.datum if draft.lon is not None else None, draft.accuracy_m,
        point, row.named_code, located.method, *versions, located.edge_distance_m,
        json.dumps(located.candidates) if located.candidates else None, row.review,
    )  # fmt: skip


def _placement(located: Located | None) -> Placement:
    assert located is not None
    grid, community, compound, building = (
        AreaRef(area.code, area.name) if area else None
        for area in (located.grid, located.community, located.compound, located.building)
    )
    return Placement(
        located.method, grid, community, compound, building, located.edge_distance_m, located.candidates
    )
