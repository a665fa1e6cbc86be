"""Stars of a month's map: what is left out makes none, unless asked for; shown on Boston's real reports."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pytest
import shapely

from gridmap.areas import loading
from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput
from gridmap.opening import open_gridmap
from gridmap.reports.files import import_file
from gridmap.reports.reading import Reading
from gridmap.statistics.heat import month_heat
from gridmap.statistics.left_out import LOOKED_MOST, surfaces
from gridmap.statistics.significance import significance
from tests.maps import sample

BOSTON = Jurisdiction("boston", "Boston", "Boston", "America/New_York")
CITY_HALL = (-71.0587, 42.3594)
JANUARY = date(2022, 1, 1)


@pytest.fixture(scope="module")
def boston(make_settings, shared_data):
    folder = shared_data / "boston"
    with open_gridmap(make_settings(demonstration=False)) as database:
        with database.writing() as connection:
            areas.add_jurisdiction(connection, BOSTON)
            file = {"kind": "grid", "code_field": "name", "name_field": "name", "loaded_by": "test"}
            loading.import_file(connection, BOSTON, folder / "neighbourhoods.geojson", **file)
        import_file(database, BOSTON, folder / "boston311-100.csv", Reading(datum="wgs84"), loaded_by="test")
        yield database


def test_bostons_city_hall_makes_no_hot_spot_unless_asked_for(boston) -> None:
    heat = month_heat(boston, BOSTON, JANUARY)
    asked = month_heat(boston, BOSTON, JANUARY, include=("pile",))
    assert [(p.lon, p.lat, p.count) for p in heat.piles] == [(*CITY_HALL, 19)]
    told, with_it = significance(heat), significance(asked)
    (hall,) = (
        at for at, grid in enumerate(heat.grids) if shapely.covers(grid.geometry, shapely.Point(CITY_HALL))
    )
    assert with_it.counts[hall] - told.counts[hall] == 19
    assert with_it.hot.z[hall] > told.hot.z[hall]
    assert ((with_it.stars == 1) & (told.stars == 0)).any(), "let in, it makes a hot spot"
    other = np.flatnonzero((with_it.stars != 0) & (with_it.stars != told.stars))
    assert set(told.lost) == {heat.grids[at].code for at in other}
    shown, difference = surfaces(heat)
    glowing, nothing = surfaces(asked)
    assert difference.left_out >= 19
    assert difference.shift_m > 500
    assert glowing.peak[:2] == pytest.approx(CITY_HALL, abs=2e-3)
    assert shown.peak[:2] != pytest.approx(CITY_HALL, abs=2e-3)
    assert nothing.reports.get("pile") is None


def test_the_same_month_has_the_same_stars() -> None:
    heat = sample.heat(counts=(40, 40, 2, 40, 40, 2, 2, 2, 2))
    assert significance(heat).hot.q.tobytes() == significance(heat).hot.q.tobytes()
    assert significance(heat).counts[0] == 28, "twelve of its reports are a pile"


def test_a_private_month_is_not_tested() -> None:
    heat = dataclasses.replace(sample.heat(), private=True)
    told = significance(heat)
    assert told.reason == "private"
    assert not told.counts.any()
    assert not told.hot.z.any()


def test_an_unknown_doubt_is_named(demo_database) -> None:
    from gridmap.demonstration import JURISDICTION

    with pytest.raises(BadInput, match="rumour"):
        month_heat(demo_database, JURISDICTION, date(2023, 6, 1), include=("rumour",))


def test_with_very_many_reports_only_piles_are_looked_for(demo_database, monkeypatch) -> None:
    from gridmap.demonstration import JURISDICTION

    assert LOOKED_MOST >= 100_000
    monkeypatch.setattr("gridmap.statistics.left_out.LOOKED_MOST", 100)
    heat = month_heat(demo_database, JURISDICTION, date(2023, 6, 1))
    assert not heat.doubtful.looked
    assert not heat.doubtful.uncertain.any()
    assert surfaces(heat)[1].left_out == sum(pile.count for pile in heat.piles)
