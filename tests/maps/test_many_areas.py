"""More areas than a page can draw one by one: told by number, and the next wider kind in their place."""

from __future__ import annotations

from typing import Any

import pytest

from gridmap.areas.model import AreaVersion
from gridmap.generated.nation import DIGITS, PARENTS, joined
from gridmap.geometry.tessellation import nation
from gridmap.maps import layers
from gridmap.maps.district import district_page
from gridmap.maps.places import places_page
from tests.maps import sample
from tests.maps.test_pages import data

GRIDS = 3_500  # of 250 communities, in 50 subdistricts


@pytest.fixture(scope="module")
def country() -> list[AreaVersion]:
    codes, shapes = nation(GRIDS)
    made = []
    for kind, digits in DIGITS.items():
        parent = PARENTS[kind]
        for code, shape in zip(*joined(codes, shapes, digits), strict=True):
            above = code[: DIGITS[parent]] if parent else None
            made.append(AreaVersion(len(made) + 1, kind, code, f"{code}号", above, {}, shape, 1, None, None))
    return made


def district(areas: list[AreaVersion], **options: Any) -> str:
    return district_page(sample.JURISDICTION, True, areas, [], [], assets="/static/vendor/", **options)


def test_too_many_grids_are_told_and_not_drawn(country) -> None:
    page = district(country)
    found = data(page, "district")["areas"]
    assert {kind: len(layer["features"]) for kind, layer in found.items()} == {
        "subdistrict": 50,
        "community": 250,
    }
    assert "网格 3,500：" in page
    assert 'value="grid"' not in page
    assert 'value="community"' in page
    assert 'value="subdistrict"' not in page
    assert len(page) < 2_000_000


def test_subdistricts_stand_in_for_too_many_communities(country, monkeypatch) -> None:
    monkeypatch.setattr(layers, "AREAS_DRAWN", 100)
    page = district(country, lang="en")
    assert set(data(page, "district")["areas"]) == {"subdistrict"}
    assert "Community 250: " in page
    assert 'value="subdistrict"' in page
    drawn = data(places_page(sample.JURISDICTION, True, country, [], [], assets="/static/vendor/"), "places")
    assert drawn["areas"] == {}
    assert drawn["mask"]


def test_a_page_of_as_many_as_can_be_drawn_stays_small(country) -> None:
    grids = [area for area in country if area.kind == "grid"][: layers.AREAS_DRAWN]
    page = district(grids)
    assert len(data(page, "district")["areas"]["grid"]["features"]) == layers.AREAS_DRAWN
    assert len(page) < 4_000_000
