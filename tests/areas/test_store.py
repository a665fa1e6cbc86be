"""Editions: dated, never deleted, found by day; what SQL says of edges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.areas import store
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.errors import BadInput, Conflict, NotFound

WEST, EAST = shapely.box(109.0, 36.0, 109.5, 36.5), shapely.box(109.5, 36.0, 110.0, 36.5)
DAY = date(2023, 6, 1)


def load(connection, jurisdiction, areas: dict[str, shapely.Polygon], valid_from=None, kind="grid"):
    return store.add_edition(
        connection,
        jurisdiction.code,
        kind,
        [NewArea(code, code, geometry) for code, geometry in areas.items()],
        file_name="test",
        sha256="0" * 64,
        loaded_by="test",
        valid_from=valid_from,
    )


def codes(connection, jurisdiction, day: date) -> list[str]:
    return [a.code for a in store.areas(connection, jurisdiction.code, kind="grid", day=day)]


def test_the_first_edition_is_valid_from_the_beginning(connection, jurisdiction) -> None:
    edition = load(connection, jurisdiction, {"a": WEST}, valid_from=date(2023, 1, 1))
    assert edition.valid_from is None
    assert codes(connection, jurisdiction, date(1900, 1, 1)) == ["a"]


def test_a_later_edition_ends_the_one_before(connection, jurisdiction) -> None:
    load(connection, jurisdiction, {"a": WEST, "b": EAST})
    load(connection, jurisdiction, {"a": shapely.union(WEST, EAST)}, valid_from=DAY)
    assert codes(connection, jurisdiction, DAY - timedelta(days=1)) == ["a", "b"]
    assert codes(connection, jurisdiction, DAY) == ["a"]
    old = store.area(connection, jurisdiction.code, "grid", "a", DAY - timedelta(days=1))
    assert (old.valid_from, old.valid_to) == (None, DAY)
    assert old.geometry.equals(WEST)


def test_later_editions_need_a_later_day(connection, jurisdiction) -> None:
    load(connection, jurisdiction, {"a": WEST})
    with pytest.raises(BadInput, match="from which day"):
        load(connection, jurisdiction, {"a": WEST})
    load(connection, jurisdiction, {"a": WEST}, valid_from=DAY)
    with pytest.raises(Conflict, match="later day"):
        load(connection, jurisdiction, {"a": WEST}, valid_from=DAY)


def test_kinds_and_jurisdictions_do_not_meddle(connection, jurisdiction) -> None:
    other = Jurisdiction("other", "别处")
    store.add_jurisdiction(connection, other)
    load(connection, jurisdiction, {"a": WEST})
    load(connection, other, {"a": EAST})
    load(connection, jurisdiction, {"a": EAST}, kind="compound")
    assert store.area(connection, "other", "grid", "a", DAY).geometry.equals(EAST)
    assert store.covering(connection, "test", "grid", 109.7, 36.2, DAY) is None


def test_a_shared_edge_belongs_to_the_smallest_code(connection, jurisdiction) -> None:
    load(connection, jurisdiction, {"b": WEST, "a": EAST})
    assert store.covering(connection, "test", "grid", 109.5, 36.2, DAY).code == "a"


def test_which_jurisdiction(connection, jurisdiction) -> None:
    assert store.jurisdiction(connection).code == "test"
    store.add_jurisdiction(connection, Jurisdiction("other", "别处"))
    with pytest.raises(BadInput, match="other, test"):
        store.jurisdiction(connection)
    with pytest.raises(NotFound, match="'nowhere'"):
        store.jurisdiction(connection, "nowhere")
    with pytest.raises(Conflict):
        store.add_jurisdiction(connection, jurisdiction)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.dates(date(2020, 1, 1), date(2024, 1, 1)), unique=True, max_size=5), at=st.dates())
def test_on_every_day_exactly_one_edition_is_valid(connection, days, at) -> None:
    with connection.begin_nested() as savepoint:
        here = Jurisdiction("replay", "重演")
        store.add_jurisdiction(connection, here)
        made = [(None, load(connection, here, {"a": WEST}).id)]
        made += [(day, load(connection, here, {"a": WEST}, valid_from=day).id) for day in sorted(days)]
        wanted = [id_ for day, id_ in made if day is None or day <= at][-1]
        assert [a.edition_id for a in store.areas(connection, "replay", day=at)] == [wanted]
        savepoint.rollback()
