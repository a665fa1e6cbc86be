"""The figures of a year, each derived from its rows, and the sums that must hold between them."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection

from gridmap.annual import store
from gridmap.annual.model import SUMS, Figure, Sum, Wanted, Year, check_year, wanted
from gridmap.areas.model import Jurisdiction


def annual(connection: Connection, jurisdiction: Jurisdiction, year: int) -> Year:
    """All figures of a year as this transaction sees it. Raises BadInput(field="year")."""
    check_year(year)
    figures = tuple(_figure(connection, jurisdiction, one, year) for one in wanted())
    by_key = {figure.wanted.key: figure for figure in figures}
    sums = tuple(Sum(by_key[whole], tuple(by_key[part] for part in parts)) for whole, parts in SUMS)
    return Year(jurisdiction.code, jurisdiction.name, jurisdiction.illustrative, year, figures, sums)


def _figure(connection: Connection, jurisdiction: Jurisdiction, one: Wanted, year: int) -> Figure:
    first, last = one.period(year)
    over = year in one.over_in
    if one.counts == "nothing":
        return Figure(one, first, last, over, None, 0, "")
    value, rows, query, columns, table = store.answer(connection, jurisdiction, one, first, last)
    return Figure(one, first, last, over, _plain(value), rows, query, columns, table)


def _plain(value: Decimal) -> Decimal:
    """Without zeros behind the point: 21, not 21.0."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
