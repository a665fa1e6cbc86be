"""Where the three chiefs are on the district map: every state by hand, and nobody's name on the page."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import shapely

from gridmap.maps.coverage import HELD, PARTLY, VACANT, Coverage, coverage
from gridmap.maps.district import district_page
from tests.maps import sample

HELD_NOW = {
    "grid_chief": {"g1"},
    "building_chief": {"b1", "shop"},
    "unit_chief": {"b1-1", "b1-2", "b2-2", "b2-9"},
}


def area(kind: str, code: str, **properties: object) -> SimpleNamespace:
    box = shapely.box(109.4, 36.6, 109.5, 36.7)
    return SimpleNamespace(
        kind=kind, code=code, name=code, parent_code=None, properties=properties, geometry=box
    )


AREAS = [
    area("grid", "g1"),
    area("grid", "g2"),
    area("building", "b1", units=2),
    area("building", "b2", units=3),
    area("building", "b3", units="1"),
    area("building", "shop", units=0),
]


def test_states_and_counts() -> None:
    found = coverage(AREAS, HELD_NOW)
    assert found.states == {
        "grid_chief": {"g1": HELD, "g2": VACANT},
        "building_chief": {"b1": HELD, "b2": VACANT, "b3": VACANT},  # nobody lives in the shop
        "unit_chief": {"b1": HELD, "b2": PARTLY, "b3": VACANT},
    }
    assert found.counts == {"grid_chief": (2, 1), "building_chief": (3, 2), "unit_chief": (6, 3)}


def test_without_units_every_building_wants_a_chief_and_units_are_left_out() -> None:
    found = coverage([area("building", "b1"), area("building", "b2")], {"building_chief": {"b2"}})
    assert found == Coverage({"building_chief": {"b1": VACANT, "b2": HELD}}, {"building_chief": (2, 1)})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_offers_them_vacancies_first(lang: str) -> None:
    chiefs = coverage(AREAS, HELD_NOW)
    html = district_page(sample.JURISDICTION, True, AREAS, [], [], lang=lang, chiefs=chiefs)
    boxes = re.findall(r'data-chiefs value="chiefs:(\w+)".*?<span class="number">(.*?)</span>', html)
    word = "空缺" if lang == "zh" else "vacant"
    assert boxes == [
        ("grid_chief", f"{word} 1 / 2"),
        ("building_chief", f"{word} 2 / 3"),
        ("unit_chief", f"{word} 3 / 6"),
    ]
    assert re.search(r'"grid_chief":\s*{"g1":\s*2,\s*"g2":\s*0}', html)


def test_without_people_the_page_has_none_of_it() -> None:
    assert "data-chiefs" not in district_page(sample.JURISDICTION, True, AREAS, [], [])
