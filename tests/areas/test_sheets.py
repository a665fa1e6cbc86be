"""Listing the areas of a day in memory: pages and boxes, as SQL would give them."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st

from gridmap.areas.atlas import Atlas, load_atlas
from gridmap.demonstration import JURISDICTION

DAY = date(2023, 6, 15)
TOUCHING = sa.text(
    """
    SELECT kind, code FROM area_version
    WHERE jurisdiction = :jurisdiction AND valid @> CAST(:day AS date) AND kind = coalesce(:kind, kind)
      AND ST_Intersects(
          geom, ST_SetSRID(ST_Envelope(ST_MakeLine(ST_Point(:west, :south), ST_Point(:east, :north))), 4326))
    ORDER BY kind COLLATE "C", code COLLATE "C"
    """
)


@pytest.fixture(scope="module")
def atlas(demo) -> Atlas:
    return load_atlas(demo, JURISDICTION.code)


@pytest.mark.parametrize("limit", [1, 70, 1_000])
def test_pages_meet_every_area_once(atlas, limit) -> None:
    met, after = [], None
    while page := atlas.areas(DAY, None if limit > 1 else "grid", after=after, limit=limit):
        assert len(page) <= limit
        met += [(each.kind, each.code) for each in page]
        after = met[-1]
    assert met == sorted(set(met))
    assert len(met) == (70 if limit == 1 else sum(len(s[-1].versions) for s in atlas.sheets.values()))


@given(
    lon=st.tuples(st.floats(109.40, 109.56), st.floats(109.40, 109.56)).map(sorted),
    lat=st.tuples(st.floats(36.54, 36.70), st.floats(36.54, 36.70)).map(sorted),
    kind=st.sampled_from([None, "grid", "building"]),
)
@example(lon=[109.48, 109.48], lat=[36.60, 36.60], kind=None)
@example(lon=[109.40, 109.56], lat=[36.60, 36.60], kind="grid")
@example(lon=[109.48, 109.48], lat=[36.54, 36.70], kind="building")
def test_a_box_keeps_what_sql_keeps(demo, atlas, lon, lat, kind) -> None:
    box = (lon[0], lat[0], lon[1], lat[1])
    given = dict(zip(("west", "south", "east", "north"), box, strict=True))
    rows = demo.execute(TOUCHING, given | {"jurisdiction": JURISDICTION.code, "day": DAY, "kind": kind})
    found = atlas.areas(DAY, kind, bbox=box, limit=10_000)
    assert [(each.kind, each.code) for each in found] == [tuple(row) for row in rows]


def test_a_box_that_a_corner_touches(atlas) -> None:
    (grid,) = atlas.areas(DAY, "grid", limit=1)
    lon, lat = shapely.get_coordinates(grid.geometry)[0].tolist()
    assert grid in atlas.areas(DAY, "grid", bbox=(lon, lat, lon, lat), limit=70)
