"""What moved between two divisions is told by both codes; splitting and joining again moves nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, NotFound
from gridmap.geometry.locator import Locator
from gridmap.opening import open_gridmap
from gridmap.reports.intake import record
from gridmap.reports.model import NewReport
from gridmap.statistics.counts.recutting import recut
from gridmap.statistics.moving import Moved, moves

HERE = Jurisdiction("moving", "改划街道", "Moving")
JUNE = date(2023, 6, 1)
WEST, SOUTH, SIDE = 109.40, 36.60, 0.005


def box(column: float, row: float, wide: float = 1, high: float = 1) -> shapely.Polygon:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + wide * SIDE, south + high * SIDE)


@pytest.fixture(scope="module")
def town(make_settings) -> Iterator[tuple[Database, list[int]]]:
    """Grid a is split into a1 and a2, b and c become b, d stays; in July."""
    before = {"a": box(0, 0), "b": box(1, 0), "c": box(2, 0), "d": box(0, 1, 3)}
    after = {"a1": box(0, 0, 0.5), "a2": box(0.5, 0, 0.5), "b": box(1, 0, 2), "d": box(0, 1, 3)}
    options = {"file_name": "f", "sha256": "", "loaded_by": "t"}
    with open_gridmap(make_settings()) as database:
        with database.writing() as connection:
            areas.add_jurisdiction(connection, HERE)
            made = []
            for grids, day in ((before, None), (after, date(2023, 7, 1))):
                new = [NewArea(code, f"{code}格", shape) for code, shape in grids.items()]
                made.append(
                    areas.add_edition(connection, HERE.code, "grid", new, valid_from=day, **options).id
                )
            compound = NewArea("k", "小区", shapely.buffer(box(2.2, 0.5).centroid, 1e-4))
            areas.add_edition(connection, HERE.code, "compound", [compound], valid_from=None, **options)
        noon = datetime(2023, 6, 2, 12, tzinfo=HERE.zone)
        at = {
            "a west": (0.2, 0.5),
            "a east": (0.7, 0.5),
            "b": (1.5, 0.5),
            "c": (2.5, 0.5),
            "d": (1, 1.5),
            "far": (9, 9),
        }
        many = {"a west": 5, "a east": 3, "b": 4, "c": 2, "d": 6, "far": 1}
        drafts = [
            NewReport(category, "", noon + timedelta(hours=n), f"{category} {name} {n}", lon, lat, "wgs84")
            for category in ("matter-06010", "local-dispute")
            for name, (x, y) in at.items()
            for n in range(many[name])
            for lon, lat in [(WEST + x * SIDE, SOUTH + y * SIDE)]
        ]
        drafts.append(NewReport("matter-06010", "", noon, "named", named_area="k"))
        assert {outcome.status for outcome in record(database, HERE, drafts)} == {"created"}
        yield database, made


def test_what_moved_is_told_by_both_codes(town) -> None:
    database, (first, second) = town
    expected = (
        Moved("a", "a1", 5, "a格", "a1格"),
        Moved("a", "a2", 3, "a格", "a2格"),
        Moved("c", "b", 2, "c格", "b格"),
        # the compound's grid has no namesake in the edition, and a name is no point
        Moved("c", None, 1, "c格", None),
    )
    for cut in (False, True):
        if cut:
            recut(database, HERE, second)
        with database.reading() as connection:
            found = moves(connection, database.settings, HERE, JUNE, second)
            assert found.moved == expected, cut
            assert (found.stayed, found.reports) == (11, 22), "the private ones are left out"
            assert found.edition.id == second
            plain = moves(connection, database.settings, HERE, JUNE, second, "matter-06010")
            assert plain.moved == expected
            nothing = moves(connection, database.settings, HERE, JUNE, first)
            assert (nothing.moved, nothing.stayed) == ((), 22)
            empty = moves(connection, database.settings, HERE, date(2023, 5, 1), second)
            assert (empty.moved, empty.reports) == ((), 0)


def test_moves_refuse_by_name(town) -> None:
    database, (_, second) = town
    with database.reading() as connection:
        with pytest.raises(BadInput, match="is private") as refused:
            moves(connection, database.settings, HERE, JUNE, second, "local-dispute")
        assert refused.value.field == "edition"
        with pytest.raises(NotFound, match="there is no edition 99"):
            moves(connection, database.settings, HERE, JUNE, 99)
        with pytest.raises(BadInput, match="nothing"):
            moves(connection, database.settings, HERE, JUNE, second, "nothing")


CUTS = st.floats(0.05, 0.95)
PLACES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60)


@given(st.integers(0, 8), CUTS, st.booleans(), PLACES, st.integers(0, 2**32 - 1))
def test_a_split_parts_the_reports_and_its_union_is_as_before(grid, at, upright, on_lattice, seed) -> None:
    """Split ∘ union is the identity of counts: inside, on edges and corners, on the cut itself."""
    codes = [f"g{n}" for n in range(9)]
    shapes = [box(n % 3, n // 3) for n in range(9)]
    west, south, east, north = shapes[grid].bounds
    if upright:
        line = west + at * (east - west)
        parts = [shapely.box(west, south, line, north), shapely.box(line, south, east, north)]
    else:
        line = south + at * (north - south)
        parts = [shapely.box(west, south, east, line), shapely.box(west, line, east, north)]
    random = np.random.default_rng(seed)
    x, y = random.uniform((WEST - SIDE, SOUTH - SIDE), (WEST + 4 * SIDE, SOUTH + 4 * SIDE), (200, 2)).T
    x = np.r_[x, [WEST + i * SIDE / 4 for i, _ in on_lattice], np.full(20, line if upright else west)]
    y = np.r_[y, [SOUTH + j * SIDE / 4 for _, j in on_lattice], np.linspace(south, north, 20)]
    whole = counted(codes, shapes, x, y)
    names = [f"{codes[grid]}{part}" for part in "ab"]
    rest = [code for code in codes if code != codes[grid]]
    divided = counted([*rest, *names], [*(shapes[codes.index(code)] for code in rest), *parts], x, y)
    assert sum(divided[name] for name in names) == whole[codes[grid]]
    assert {code: divided[code] for code in rest} == {code: whole[code] for code in rest}
    joined = [*(shapes[codes.index(code)] for code in rest), shapely.union_all(parts)]
    assert counted([*rest, codes[grid]], joined, x, y) == whole


def counted(codes: list[str], shapes: list[shapely.Geometry], x: np.ndarray, y: np.ndarray) -> Counter[str]:
    locator = Locator(shapes, codes)
    found = locator.covers(x, y)
    return Counter({code: int((found == at).sum()) for at, code in enumerate(locator.codes)})
