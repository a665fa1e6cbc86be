"""A million points (in `make test` a tenth), half of them where it is awkward: the index in process and
PostGIS name the same area.

PostGIS 3 judges a point by the plain product of two differences. About one awkward point in 500,000 lies so
near an edge (1e-19 degrees) that this product rounds to "on it". GEOS, and so the index, computes the true
side. Such a point is told from a mistake here by rational arithmetic.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gridmap.areas import store
from gridmap.areas.model import NewArea
from gridmap.demonstration import JURISDICTION
from gridmap.geometry.locator import Locator

COUNTS = [100_000, pytest.param(1_000_000, marks=pytest.mark.ordeal)]

# the smallest code of all that cover a point, by PostGIS alone
JUDGED = sa.text(
    """
    SELECT array_agg(coalesce(covering.code, '') ORDER BY point.place)
    FROM unnest(CAST(:x AS float8[]), CAST(:y AS float8[])) WITH ORDINALITY AS point(x, y, place)
    LEFT JOIN LATERAL (
        SELECT a.code FROM area_version a
        WHERE a.jurisdiction = :jurisdiction AND a.kind = :kind
          AND ST_Covers(a.geom, ST_SetSRID(ST_MakePoint(point.x, point.y), 4326))
        ORDER BY a.code COLLATE "C" LIMIT 1
    ) covering ON true
    """
)


def awkward(polygons: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, 2): nodes, places along edges, and both moved by a float or not."""
    rings, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(polygons)), return_index=True)
    edge = rng.choice(np.flatnonzero(ring[1:] == ring[:-1]), count)
    share = np.where(rng.random(count) < 0.3, 0.0, rng.random(count))[:, None]
    exact = rings[edge] + share * (rings[edge + 1] - rings[edge])
    return np.nextafter(exact, exact + rng.integers(-1, 2, (count, 2)))


def points(polygons: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Half of them anywhere in the box and a little beyond, half of them awkward."""
    rng = np.random.default_rng(41)
    west, south, east, north = shapely.total_bounds(polygons)
    margin = 0.02 * (east - west)
    anywhere = rng.uniform((west - margin, south - margin), (east + margin, north + margin), (count // 2, 2))
    return tuple(np.concatenate([anywhere, awkward(polygons, count // 2, rng)]).T)


def covered(connection, jurisdiction: str, kind: str, areas, count: int) -> int:
    """How many of the points are covered, after finding both answers equal."""
    polygons = np.array([a.geometry for a in areas], dtype=object)
    lon, lat = points(polygons, count)
    found = Locator(polygons, [a.code for a in areas]).covers(lon, lat)
    ours = np.array([*(a.code for a in areas), ""])[found]
    theirs = connection.scalar(
        JUDGED, {"x": lon.tolist(), "y": lat.tolist(), "jurisdiction": jurisdiction, "kind": kind}
    )
    differ = np.flatnonzero(ours != np.array(theirs))
    assert len(differ) <= 5
    for i in differ:
        at = (float(lon[i]), float(lat[i]))
        assert rounded_onto_an_edge(polygons, *at), (at[0].hex(), at[1].hex(), ours[i], theirs[i])
        by_geos = [a.code for a in areas if shapely.covers(a.geometry, shapely.Point(at))]
        assert ours[i] == min(by_geos, default="")
    return int((found >= 0).sum())


def rounded_onto_an_edge(polygons: np.ndarray, x: float, y: float) -> bool:
    """Whether the float product that PostGIS takes for a point's side of an edge has lost its sign."""
    near = polygons[shapely.dwithin(polygons, shapely.Point(x, y), 1e-9)]
    rings, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(near)), return_index=True)
    edges = np.flatnonzero(ring[1:] == ring[:-1])
    return any(
        (side(*a, *b, x, y) > 0) != (side(*map(Fraction, (*a, *b, x, y))) > 0)
        or (side(*a, *b, x, y) < 0) != (side(*map(Fraction, (*a, *b, x, y))) < 0)
        for a, b in zip(rings[edges].tolist(), rings[edges + 1].tolist(), strict=True)
    )


def side(ax, ay, bx, by, x, y):
    return (bx - ax) * (y - ay) - (x - ax) * (by - ay)


@pytest.mark.parametrize("count", COUNTS)
def test_the_grids_of_the_demonstration(demo_database, count) -> None:
    with demo_database.reading() as connection:
        grids = store.areas(connection, JURISDICTION.code, kind="grid", day=JURISDICTION.today())
        assert covered(connection, JURISDICTION.code, "grid", grids, count) > count // 2


@pytest.fixture
def layered(connection, jurisdiction):
    """Areas that overlap, with holes, islands, parts and slivers; codes in no order of place."""
    rng = np.random.default_rng(43)
    centres = shapely.points(rng.uniform((109.4, 36.5), (109.5, 36.6), (60, 2)))
    discs = shapely.buffer(centres, rng.uniform(0.002, 0.02, 60), quad_segs=5)
    rings = shapely.difference(discs, shapely.buffer(centres, 0.0015, quad_segs=3))
    pairs = [shapely.union(rings[k], rings[-1 - k]) for k in range(20)]
    sliver = shapely.Polygon([(109.4, 36.5), (109.5, 36.6), (np.nextafter(109.45, 110), 36.55)])
    shapes = [s for s in [*rings, *pairs, *discs[:20], sliver] if s.is_valid and not s.is_empty]
    codes = rng.permutation(len(shapes))
    store.add_edition(
        connection,
        jurisdiction.code,
        "compound",
        [NewArea(f"c{code:03}", "", shape) for code, shape in zip(codes, shapes, strict=True)],
        file_name="layered",
        sha256="0" * 64,
        loaded_by="test",
        valid_from=None,
    )
    return store.areas(connection, jurisdiction.code, kind="compound", day=jurisdiction.today())


@pytest.mark.parametrize("count", COUNTS)
def test_layers_with_holes_and_parts(connection, jurisdiction, layered, count) -> None:
    assert len(layered) > 90
    assert covered(connection, jurisdiction.code, "compound", layered, count // 5) > count // 10
