"""The three pages as text: what is on them, what is not, and how large they may grow."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import numpy as np
import pytest
import shapely

from gridmap.geometry.datums import from_wgs84
from gridmap.maps.basemaps import Basemap
from gridmap.maps.district import district_page
from gridmap.maps.heat import heat_page
from gridmap.maps.page import Link
from gridmap.maps.places import places_page
from gridmap.statistics.model import Pile
from tests.maps import sample

LINKS = {"district": "/", "places": "/maps/places", "heat": "/maps/heat", "language": "/?lang=en"}
GCJ02 = Basemap(("/basemap/{z}/{x}/{y}",), "高德 <b>", 18, "gcj02")


def data(page: str, scene: str) -> dict[str, Any]:
    """What the page's script is given."""
    return json.loads(re.search(rf'<script [^>]*data-scene="{scene}"[^>]*>(.*?)</script>', page, re.S)[1])


def district(**options: Any) -> str:
    known = {"areas": sample.areas(), "places": sample.places(), "backdrop": sample.backdrop()}
    known |= {"illustrative": True} | options
    return district_page(
        sample.JURISDICTION, known.pop("illustrative"), known.pop("areas"), known.pop("places"),
        known.pop("backdrop"), **known,
    )  # fmt: skip


def test_the_district_map_holds_every_area_and_place() -> None:
    found = data(district(links=LINKS), "district")
    assert {kind: len(layer["features"]) for kind, layer in found["areas"].items()} == {
        "subdistrict": 1, "community": 3, "grid": 9, "compound": 9, "building": 9,
    }  # fmt: skip
    grid = found["areas"]["grid"]["features"][0]["properties"]
    assert (grid["code"], grid["within"], grid["short"]) == ("610602006001001", "阳光社区", "第01网格")
    assert [place["code"] for place in found["places"]] == ["P1", "P2", "M1", "H1", "Q1", "D1", "U1"]
    assert {kind["kind"] for kind in found["kinds"]} == {place.kind for place in sample.places()}


def test_neighbouring_communities_have_different_tints() -> None:
    layer = data(district(), "district")["areas"]["community"]["features"]
    first, second, third = (feature["properties"]["tint"] for feature in layer)
    assert first != second != third


def test_shared_edges_stay_shared_on_the_page() -> None:
    grids = data(district(), "district")["areas"]["grid"]["features"]
    corners = [{tuple(xy) for xy in grid["geometry"]["coordinates"][0]} for grid in grids]
    assert len(corners[0] & corners[1]) == 2
    assert len(corners[0] & corners[3]) == 2


def test_english_where_there_is_english() -> None:
    page = district(lang="en")
    assert "<h1>Xincheng Subdistrict</h1>" in page
    assert data(page, "district")["places"][0]["name"] == "Theatre car park"
    assert data(page, "district")["places"][1]["name"] == "北苑车棚"
    assert '<html lang="en">' in page


def test_missing_links_are_not_shown() -> None:
    assert 'class="language"' not in district()
    assert 'class="language" href="/?lang=en"' in district(links=LINKS)


@pytest.mark.parametrize("illustrative", [True, False])
def test_the_illustrative_mark(illustrative: bool) -> None:
    page = district(illustrative=illustrative)
    assert ('class="illustrative"' in page) is illustrative
    heat = heat_page(sample.heat(illustrative=illustrative))
    assert ('class="illustrative"' in heat) is illustrative


def test_an_empty_district_is_still_a_page() -> None:
    page = district(areas=[], places=[], backdrop=[])
    assert data(page, "district")["bounds"] is None
    assert data(page, "district")["mask"] is None


def test_on_a_gcj02_basemap_every_vertex_moves_and_the_backdrop_goes() -> None:
    plain, shifted = data(district(), "district"), data(district(basemap=GCJ02), "district")

    def vertices(found: dict[str, Any]) -> np.ndarray:
        return np.array(
            [xy for f in found["areas"]["grid"]["features"] for xy in f["geometry"]["coordinates"][0]]
        )

    lon, lat = from_wgs84(*vertices(plain).T, "gcj02")
    assert np.allclose(vertices(shifted), np.column_stack([lon, lat]), atol=2e-7)
    lat0, lon0 = plain["places"][0]["at"]
    assert np.allclose(shifted["places"][0]["at"][::-1], from_wgs84(lon0, lat0, "gcj02"), atol=2e-7)
    assert shifted["backdrop"] == []
    assert shifted["basemap"] == {"urls": ["/basemap/{z}/{x}/{y}"], "attribution": "高德 <b>", "max_zoom": 18}


def test_the_heat_overlay_moves_with_the_basemap() -> None:
    plain = data(heat_page(sample.heat()), "heat")["surface"]["bounds"]
    moved = data(heat_page(sample.heat(), basemap=GCJ02), "heat")["surface"]["bounds"]
    for (lat, lon), corner in zip(plain, moved, strict=True):
        assert np.allclose(corner[::-1], from_wgs84(lon, lat, "gcj02"), atol=2e-7)


def test_places_are_listed_with_their_totals() -> None:
    parking = [place for place in sample.places() if place.kind == "parking"]
    page = places_page(
        sample.JURISDICTION, True, sample.areas(), parking, sample.backdrop(), kind="parking",
        kinds={"parking": "/p", "night_market": "/n"}, all_url="/all", links=LINKS,
    )  # fmt: skip
    text = re.sub(r"<[^>]+>", " ", page.split("<aside", 1)[1])
    assert re.search(r"容量合计\s+240", text)
    assert re.search(r"机动车\s+180\s+　非机动车\s+60", text)
    assert text.index("大剧院停车场") < text.index("北苑车棚")
    assert 'href="/p" aria-current="true"' in page


def test_no_places_says_so() -> None:
    assert "没有这类点位" in places_page(sample.JURISDICTION, True, sample.areas(), [], [])


def test_the_heat_page_says_what_the_month_was() -> None:
    page = heat_page(
        sample.heat(),
        prev_url="/maps/heat?month=2023-05&a=b",
        categories=[Link("全部类别", "/a", True), Link("占道经营", "/b")],
        downloads={"PDF": "/x.pdf"},
    )
    grids = {f["properties"]["code"]: f["properties"] for f in data(page, "heat")["grids"]["features"]}
    assert grids["610602006003002"]["count"] == 75
    assert grids["610602006003002"]["change"] == "+2"
    text = re.sub(r"<[^>]+>", " ", page.split("</style>")[-1])
    assert re.search(r"139\s+件\s+较上月 \+13", text)
    assert re.search(r"网格之外\s+3", text)
    assert re.search(r"同一坐标堆积\s+1 处 12 件", text)
    assert 'href="/maps/heat?month=2023-05&amp;a=b" rel="prev"' in page
    assert 'rel="next"' not in page
    assert '<option value="/a" selected>全部类别</option>' in page
    assert 'href="/x.pdf" download' in page


def test_no_report_is_on_the_page_however_many_there_are() -> None:
    heat = sample.heat()
    west, south, east, north = heat.outline.bounds
    many = np.random.default_rng(1).normal(((west + east) / 2, (south + north) / 2), 4e-3, (500_000, 2))
    piles = tuple(Pile(lon, lat, 10) for lon, lat in many[:100_000].tolist())
    counted = sample.cells_of(many)
    page = heat_page(dataclasses.replace(heat, cells=counted, total=len(many), piles=piles))
    assert len(counted.x) > 10_000
    assert len(page.encode()) < 1_500_000
    assert data(page, "heat")["surface"]["url"].startswith("data:image/png;base64,")


def test_boundaries_with_very_many_vertices_are_thinned_together() -> None:
    heat = sample.heat()
    wavy = [
        dataclasses.replace(grid, geometry=shapely.segmentize(grid.geometry, 1e-6)) for grid in heat.grids
    ]
    page = heat_page(dataclasses.replace(heat, grids=tuple(wavy)))
    assert sum(shapely.get_num_coordinates(grid.geometry) for grid in wavy) > 200_000
    assert len(page.encode()) < 1_500_000


def test_a_month_without_reports_is_a_page() -> None:
    page = heat_page(sample.heat(counts=(0,) * 9))
    assert data(page, "heat")["surface"] is None
    assert data(page, "heat")["empty"] is True


def test_the_same_month_gives_the_same_page() -> None:
    assert heat_page(sample.heat()) == heat_page(sample.heat())
