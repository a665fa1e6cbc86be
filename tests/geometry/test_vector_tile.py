"""Vector tiles as GDAL reads them, against PostGIS's of the same shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.geometry.vector_tile import EXTENT, Attribute, counts, layer, on_plane, points, polygons, words

BUFFER = 64
ACROSS_M = 40_075_016.685578488
TILE = 13, 6587, 3199
THEIRS = sa.text(
    """
    SELECT ST_AsMVT(f, 'shapes', 4096, 'geom') FROM (
        SELECT id, ST_AsMVTGeom(ST_Transform(ST_GeomFromWKB(wkb, 4326), 3857), ST_TileEnvelope(:z, :x, :y),
                                4096, 64) AS geom
        FROM unnest(CAST(:wkb AS bytea[])) WITH ORDINALITY AS shape(wkb, id)
    ) f WHERE geom IS NOT NULL
    """
)


def read(path: Path, body: bytes, name: str = "shapes"):
    """The layer in units of the tile, y upward from the tile's lower edge."""
    z, x, y = TILE
    tile = path / "tile.mvt"
    tile.write_bytes(body)
    frame = pyogrio.read_dataframe(f"MVT:{tile}", layer=name, Z=str(z), X=str(x), Y=str(y), CLIP="NO")
    side = ACROSS_M / 2**z
    west, south = x * side - ACROSS_M / 2, ACROSS_M / 2 - (y + 1) * side
    frame["geometry"] = shapely.transform(
        frame.geometry.to_numpy(), lambda metres: (metres - (west, south)) / side * EXTENT
    )
    return frame


def ours(shapes: np.ndarray) -> bytes:
    geometry, shown = polygons(on_plane(shapes), *TILE, BUFFER)
    return layer("shapes", geometry, {"id": counts(shown + 1)})


def blobs(seed: int, count: int) -> np.ndarray:
    """Stars with a hole or two of them, around the tile, of 50 m to 5 km, in either orientation."""
    random = np.random.default_rng(seed)
    shapes = []
    for _ in range(count):
        centre = random.uniform((109.43, 36.58), (109.54, 36.67))
        angles = np.linspace(0, 2 * np.pi, random.integers(4, 60), endpoint=False)
        size = 10 ** random.uniform(-3.3, -1.3)
        rim = random.uniform(0.6, 1, len(angles))[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
        star = shapely.Polygon(centre + size * rim, [centre + size * 0.5 * rim[::-1]])
        if random.random() < 0.3:
            star = shapely.MultiPolygon([star, shapely.affinity.translate(star, 3 * size)])
        shapes.append(star.reverse() if random.random() < 0.5 else star)
    return np.array(shapes, dtype=object)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_shapes_as_postgis(connection: Connection, tmp_path, seed):
    """Feature by feature, less than a unit apart along the outlines."""
    shapes = blobs(seed, 60)
    z, x, y = TILE
    body = connection.scalar(
        THEIRS, {"z": z, "x": x, "y": y, "wkb": [shapely.to_wkb(shape) for shape in shapes]}
    )
    theirs = read(tmp_path, bytes(body)).set_index("id").geometry
    found = read(tmp_path, ours(shapes)).set_index("id").geometry
    whole = theirs[theirs.area > 50]
    assert len(whole) >= 15
    assert set(whole.index) <= set(found.index)
    for id_, shape in found.items():
        mine = shapely.make_valid(shape)
        other = shapely.make_valid(theirs[id_]) if id_ in theirs.index else shapely.Polygon()
        apart = shapely.area(shapely.symmetric_difference(mine, other))
        assert apart <= 0.75 * shapely.length(shape) + 2, id_


def test_rings_turn_as_the_format_wants(tmp_path):
    """The outer ring's area counts as positive with y downward: GDAL would read a hole as a polygon."""
    body = ours(blobs(9, 40))
    for shape in read(tmp_path, body).geometry:
        for part in shapely.get_parts(shape):
            assert len(part.interiors) <= 1
            assert all(
                shapely.Polygon(part.exterior).covers(shapely.Point(c.coords[0])) for c in part.interiors
            )
    assert any(part.interiors for shape in read(tmp_path, body).geometry for part in shapely.get_parts(shape))


def test_what_is_less_than_a_unit_is_left_out():
    geometry, shown = polygons(
        on_plane(np.array([shapely.box(109.47, 36.61, 109.470001, 36.610001)])), *TILE, 64
    )
    assert len(shown) == 0
    assert layer("shapes", geometry, {"id": counts(shown)}) == b""
    _, shown = polygons(on_plane(np.array([], dtype=object)), *TILE, 64)
    assert len(shown) == 0


def test_attributes_and_points(tmp_path):
    """Text in any language, none, numbers of every width, two hundred distinct values and more."""
    n = 300
    x, y = np.arange(n) * 13, np.arange(n) * 7
    number = np.array([0, 127, 128, 16_383, 16_384, 2**21, 2**28, 2**33, *range(n - 8)])
    name = [None if row % 7 == 0 else f"第{row}网格" for row in range(n)]
    body = layer("shapes", points(x, y), {"name": words(name), "number": counts(number)})
    frame = read(tmp_path, body)
    assert [None if each != each else each for each in frame.name] == name
    assert frame.number.tolist() == number.tolist()
    assert np.allclose(
        shapely.get_coordinates(frame.geometry.to_numpy()), np.column_stack([x, EXTENT - y]), atol=1e-3
    )
    nothing = Attribute(b"", 0, np.full(n, -1))
    assert len(read(tmp_path, layer("shapes", points(x, y), {"none": nothing}))) == n
