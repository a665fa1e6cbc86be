"""A made-up year in which grids are split and merged, and much is recorded once its month is published."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database.sessions import Database
from gridmap.places import store as places
from gridmap.places.model import NewPlace
from gridmap.reports.intake import record
from gridmap.reports.model import NewReport
from gridmap.statistics import store
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.counts.recutting import recut
from gridmap.statistics.monthly import next_month
from gridmap.works import intake as works
from gridmap.works.model import NewWork

HERE = Jurisdiction("year", "流年街道", "Year")
MONTHS = [next_month(date(2023, 1, 1), n) for n in range(12)]
WEST, SOUTH, SIDE = 109.40, 36.60, 0.005
CATEGORIES = ("matter-06010", "matter-09010", "matter-09001", "matter-06011")

Grids = dict[str, shapely.Geometry]


def first_grids() -> Grids:
    """Four by three squares of about 450 by 550 m, a0 … c3."""
    return {
        f"{row}{column}": shapely.box(x, y, x + SIDE, y + SIDE)
        for r, row in enumerate("abc")
        for column in range(4)
        for x, y in [(WEST + column * SIDE, SOUTH + r * SIDE)]
    }


def split(grids: Grids, code: str) -> Grids:
    """A grid as two, a western and an eastern half."""
    west, south, east, north = grids[code].bounds
    middle = (west + east) / 2
    halves = {
        f"{code}w": shapely.box(west, south, middle, north),
        f"{code}x": shapely.box(middle, south, east, north),
    }
    return {each: shape for each, shape in grids.items() if each != code} | halves


def merge(grids: Grids, one: str, other: str) -> Grids:
    """Two grids as one, under the code of the first."""
    both = shapely.union_all([grids[one], grids[other]])
    return {each: shape for each, shape in grids.items() if each != other} | {one: both}


# (recorded in the course of this month, valid from, what changes): three splits and two merges; the second
# is back-dated over two published months, the last two over one each.
CHANGES: tuple[tuple[int, date, Callable[[Grids], Grids]], ...] = (
    (3, date(2023, 3, 10), lambda grids: split(grids, "b1")),
    (8, date(2023, 6, 15), lambda grids: merge(grids, "a2", "a3")),
    (9, date(2023, 9, 1), lambda grids: split(grids, "c0")),
    (12, date(2023, 10, 20), lambda grids: split(grids, "b2")),
    (12, date(2023, 11, 5), lambda grids: merge(grids, "c2", "c3")),
)


def tell(database: Database, publish: Callable[[date], None]) -> None:
    """The year, month by month, in an empty database; each is published before what follows is recorded."""
    draw = np.random.default_rng(11)
    grids = first_grids()
    with database.writing() as connection:
        areas.add_jurisdiction(connection, HERE)
        compound = NewArea("k", "河边小区", shapely.box(109.4012, 36.6012, 109.4018, 36.6018))
        load(connection, "compound", [compound], None)
        load(connection, "building", houses(), None)
        load(connection, "grid", new_areas(grids), None)
        for new in (parking(120), market("18:00-23:00")):
            places.begin(connection, HERE.code, new, None)
    for month in MONTHS:
        assert not refused(record(database, HERE, drafts(draw, month, "early", 70)))
        for recorded_in, valid_from, change in CHANGES:
            if recorded_in == month.month:
                grids = change(grids)
                with database.writing() as connection:
                    load(connection, "grid", new_areas(grids), valid_from)
        assert not refused(record(database, HERE, drafts(draw, month, "then", 30)))
        with database.writing() as connection:
            assert not refused(works.record(connection, HERE, efforts(month, "then")))
        publish(month)
        happen_after(database, draw, month)


def happen_after(database: Database, draw: np.random.Generator, month: date) -> None:
    """What is recorded once a month is published: late reports and works, places ended and corrected."""
    late = [each for back in range(3) for each in drafts(draw, next_month(month, -back), f"late {month}", 6)]
    assert not refused(record(database, HERE, late))
    with database.writing() as connection:
        assert not refused(works.record(connection, HERE, efforts(month, "late")))
        known = {(p.kind, p.code): p for p in places.places(connection, HERE.code, day=month)}
        if month.month == 4:  # more spaces since March, as was found out now
            places.end(connection, known["parking", "p"], date(2023, 3, 1))
            places.begin(connection, HERE.code, parking(200), date(2023, 3, 1))
        if month.month == 7:  # the market's hours had been written down wrong from the beginning
            places.overwrite(connection, known["night_market", "n"], market("17:00-21:00"), None, None)
        if month.month == 11:  # and closed in August
            places.end(connection, known["night_market", "n"], date(2023, 8, 1))
        if month.month == 5:
            store.forget_scale(connection, HERE.code, None)
    if month.month in (2, 6, 9):
        fold(database)
    if month.month in (3, 9, 12):
        with database.reading() as connection:
            latest = areas.editions(connection, HERE.code, "grid")[-1].id
        recut(database, HERE, latest)


def load(connection: sa.Connection, kind: str, some: list[NewArea], valid_from: date | None) -> None:
    options = {"file_name": "f", "sha256": "", "loaded_by": "t", "valid_from": valid_from}
    areas.add_edition(connection, HERE.code, kind, some, **options)


def new_areas(grids: Grids) -> list[NewArea]:
    return [NewArea(code, f"{code}格", shape, parent_code=code[0]) for code, shape in grids.items()]


def houses() -> list[NewArea]:
    corners = [(WEST + 0.001 + 0.0025 * n, SOUTH + 0.001 + 0.0019 * n) for n in range(7)]
    return [
        NewArea(f"h{n}", f"{n}号楼", shapely.box(x, y, x + 2e-4, y + 2e-4))
        for n, (x, y) in enumerate(corners)
    ]


def parking(capacity: int) -> NewPlace:
    return NewPlace("parking", "p", "桥头停车场", shapely.Point(109.4071, 36.6078), capacity=capacity)


def market(hours: str) -> NewPlace:
    return NewPlace("night_market", "n", "河滨夜市", shapely.Point(109.4122, 36.6043), opening_hours=hours)


def efforts(month: date, name: str) -> list[NewWork]:
    return [
        NewWork("advert_removed", Decimal(10 * month.month), month + timedelta(days=9), f"{month} {name}")
    ]


def drafts(draw: np.random.Generator, month: date, name: str, many: int) -> list[NewReport]:
    """Reports all over the grids, on their edges, beside them, far off, on one point, by a name."""
    last = (next_month(month) - month).days
    made = []
    for n in range(many):
        x, y = draw.uniform(
            (WEST - 0.0006, SOUTH - 0.0006), (WEST + 4 * SIDE + 0.0006, SOUTH + 3 * SIDE + 0.0006)
        )
        kind = n % 10
        if kind == 1:
            x = WEST + SIDE * round((x - WEST) / SIDE * 2) / 2  # on an edge, old or new
        if kind == 2:
            x, y = 109.4125, 36.6075
        if kind == 3:
            x, y = (109.0, 36.0) if n % 20 == 3 else (109.5, 36.65)
        moment = datetime(month.year, month.month, 1, tzinfo=HERE.zone) + timedelta(
            days=int(draw.integers(last)), hours=float(draw.uniform(0, 24))
        )
        where: dict[str, Any] = {"lon": float(x), "lat": float(y), "datum": "wgs84"}
        if kind == 4:
            where |= {"accuracy_m": 150.0}
        if kind == 5:
            where = {"named_area": "k"}
        category = CATEGORIES[int(draw.integers(len(CATEGORIES)))]
        made.append(NewReport(category, "", moment, f"{month} {name} {n}", **where))
    return made


def refused(outcomes: list[Any]) -> list[Any]:
    return [outcome for outcome in outcomes if outcome.status != "created"]


def plain(value: Any) -> Any:
    """A value as what can be compared whole: arrays and shapes as bytes, and not when it was asked."""
    if dataclasses.is_dataclass(value):
        asked = {"generated_at", "as_of"}
        fields = [field.name for field in dataclasses.fields(value) if field.name not in asked]
        return {name: plain(getattr(value, name)) for name in fields}
    if isinstance(value, shapely.Geometry):
        return value.wkb
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value
