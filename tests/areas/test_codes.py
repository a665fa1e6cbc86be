"""The cn-grid rule: 6 county + 3 subdistrict + 3 community + 3 serial, west to east, then north to south."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.areas.codes import check_rule, code_flaw, out_of_order
from gridmap.errors import BadInput


@pytest.mark.parametrize(
    ("code", "kind", "parent", "says"),
    [
        ("610602006001001", "grid", "610602006001", None),
        ("610602006001001", "grid", None, None),
        ("610602006001", "community", "610602006", None),
        ("610602006", "subdistrict", None, None),
        ("61060200600101", "grid", None, "not 15 digits"),
        ("61060200600100A", "grid", None, "not 15 digits"),
        ("６10602006001001", "grid", None, "not 15 digits"),
        ("610602007001001", "grid", None, "jurisdiction"),
        ("610602006001001", "grid", "610602006002", "parent"),
        ("610602006001", "community", "610602007", "parent"),
    ],
)
def test_codes_against_the_rule(code: str, kind: str, parent: str | None, says: str | None) -> None:
    flaw = code_flaw(code, kind, jurisdiction="610602006", parent=parent)
    assert flaw is None if says is None else says in (flaw or "")


def test_a_jurisdiction_with_a_name_for_a_code_binds_nothing() -> None:
    assert code_flaw("610602006001001", "grid", jurisdiction="boston", parent=None) is None


def test_the_rule_is_refused_where_it_says_nothing() -> None:
    check_rule("cn-grid", "grid")
    check_rule(None, "building")
    for rule, kind in (("cn-grid", "building"), ("fr-iris", "grid")):
        with pytest.raises(BadInput) as caught:
            check_rule(rule, kind)
        assert caught.value.field == "code_rule"


def box(column: int, row: int) -> shapely.Polygon:
    return shapely.box(column, -row - 1, column + 1, -row)


@given(st.integers(1, 5), st.integers(1, 5), st.booleans())
def test_rows_first_and_columns_first_are_both_in_order(columns: int, rows: int, by_row: bool) -> None:
    cells = [(c, r) for r in range(rows) for c in range(columns)]
    if not by_row:
        cells.sort()
    codes = [f"{i:03}" for i in range(len(cells))]
    assert out_of_order(codes, [box(*cell) for cell in cells]) == []


def test_a_later_serial_in_the_north_west_is_found() -> None:
    cells = [box(1, 1), box(0, 0), box(2, 2)]
    assert out_of_order(["001", "002", "003"], cells) == [(0, 1)]
    assert out_of_order(["002", "001", "003"], cells) == []
