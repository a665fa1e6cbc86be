"""The month of somebody who answers for some grids: those, with the counts that the office has of them."""

from __future__ import annotations

from datetime import date

import pytest
import shapely

from gridmap.database.asker import Asker
from gridmap.demonstration import JURISDICTION
from gridmap.errors import NotFound
from gridmap.maps.facts import known
from gridmap.people import store as people
from gridmap.statistics.heat import month_heat

JUNE, PARKING = date(2023, 6, 1), "matter-06011"  # of private categories they have no counts


def holder(database, post: str, kind: str) -> tuple[Asker, str]:
    """Somebody with that post now, as a member, and the code of the area that they hold it for."""
    with database.reading() as connection:
        day = JURISDICTION.today()
        duties = people.duties(connection, JURISDICTION.code, day=day)
        held = next(each for each in duties if each.post == post and each.area_kind == kind)
        alone = [each for each in duties if each.person == held.person]
    assert {each.area_kind for each in alone} == {kind}
    return Asker(JURISDICTION.code, "account:test", frozenset({"member"}), held.person), held.area_code


def test_a_grid_member_has_one_grid(demo_database) -> None:
    asker, code = holder(demo_database, "grid_member", "grid")
    whole = month_heat(demo_database, JURISDICTION, JUNE, PARKING)
    own = month_heat(demo_database.asked_by(asker), JURISDICTION, JUNE, PARKING)
    (grid,) = own.grids  # this one holds no other
    assert grid == next(each for each in whole.grids if each.code == code)
    assert own.total == grid.count
    assert own.parts
    assert not whole.parts
    assert shapely.equals(own.outline, shapely.union_all([grid.geometry]))
    assert own.scale == whole.scale  # colours mean the same
    assert "1" in known(own, "zh")[0]


def test_a_community_officer_has_the_grids_of_the_community(demo_database) -> None:
    asker, code = holder(demo_database, "community_officer", "community")
    whole = month_heat(demo_database, JURISDICTION, JUNE, PARKING)
    own = month_heat(demo_database.asked_by(asker), JURISDICTION, JUNE, PARKING)
    assert own.grids == tuple(each for each in whole.grids if each.code.startswith(code))
    assert 1 < len(own.grids) < len(whole.grids)


def test_a_building_chief_has_no_whole_grid(demo_database) -> None:
    asker, _ = holder(demo_database, "building_chief", "building")
    with pytest.raises(NotFound):
        month_heat(demo_database.asked_by(asker), JURISDICTION, JUNE, PARKING)
