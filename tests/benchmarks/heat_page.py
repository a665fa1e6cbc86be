"""A page in a process of its own: `python -m tests.benchmarks.heat_page ours|folium URL JURISDICTION MONTH`.

Prints how long it took, after a page of a small month; the page's size; and the process's peak memory.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from gridmap.areas.model import Jurisdiction
from gridmap.areas.store import jurisdictions
from gridmap.database.sessions import Database, make_engine
from gridmap.settings import Settings
from gridmap.statistics.months import month_span, parse_month

SMALL = "610602006"  # the demonstration


def ours(database: Database, code: str, month: str) -> Callable[[], str]:
    from gridmap.maps.heat import heat_page
    from gridmap.statistics.heat import month_heat

    owner = _owner(database, code)
    return lambda: heat_page(month_heat(database, owner, parse_month(month)))


def with_folium(database: Database, code: str, month: str) -> Callable[[], str]:
    import folium
    from folium.plugins import HeatMap

    first, last = month_span(_owner(database, code), parse_month(month))
    query = sa.text(
        "SELECT ST_Y(geom), ST_X(geom) FROM report WHERE jurisdiction = :code AND geom IS NOT NULL"
        " AND occurred_at >= :first AND occurred_at < :last"
    )

    def page() -> str:
        with database.reading() as connection:
            rows = connection.execute(query, {"code": code, "first": first, "last": last}).all()
        plain = folium.Map([36.62, 109.48], zoom_start=13)
        HeatMap([list(row) for row in rows]).add_to(plain)
        return plain.get_root().render()

    return page


def _owner(database: Database, code: str) -> Jurisdiction:
    with database.reading() as connection:
        return next(j for j in jurisdictions(connection) if j.code == code)


def peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no VmHWM")


if __name__ == "__main__":
    side, url, code, month = sys.argv[1:]
    database = Database(make_engine(url), Settings(database_url=url))
    make = ours if side == "ours" else with_folium
    make(database, SMALL, "2023-06")()  # some hundred reports: what only a first page costs
    work = make(database, code, month)
    start = time.perf_counter()
    page = work().encode()
    json.dump({"seconds": time.perf_counter() - start, "page": len(page), "peak": peak_memory()}, sys.stdout)
