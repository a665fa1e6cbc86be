"""A bulletin in a process of its own: `python -m tests.benchmarks.bulletin_page ours|peer URL CODE MONTH`.

Prints how long it took, with what it imports on the way, as the service's process for one bulletin does; the
size of its files; and the process's peak memory.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable

import sqlalchemy as sa

from gridmap.database.sessions import Database, make_engine
from gridmap.settings import Settings
from gridmap.statistics.months import month_span, parse_month
from tests.benchmarks.heat_page import _owner, peak_memory

MAPS = 5  # in the PDF: cover, heat, significant grids, change, places
A4_INCHES = (8.27, 11.69)
DPI = 150

POINTS = sa.text(
    "SELECT category, occurred_at, geom FROM report WHERE jurisdiction = :code AND geom IS NOT NULL"
    " AND occurred_at >= :first AND occurred_at < :last"
)
GRIDS = sa.text(
    "SELECT code, geom FROM area_version WHERE jurisdiction = :code AND kind = 'grid' AND upper_inf(valid)"
)


def ours(database: Database, code: str, month: str) -> Callable[[], int]:
    from gridmap.bulletin.packing.making import package

    owner, first_day = _owner(database, code), parse_month(month)
    return lambda: sum(len(body) for body in package(database, owner, first_day).files.values())


def peer(database: Database, code: str, month: str) -> Callable[[], int]:
    import folium
    import geopandas
    from folium.plugins import HeatMap
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    first, last = month_span(_owner(database, code), parse_month(month))

    def read(query: sa.TextClause, **given: object) -> geopandas.GeoDataFrame:
        with database.engine.connect() as connection:
            return geopandas.read_postgis(query, connection, params=given)

    def bulletin() -> int:
        points = read(POINTS, code=code, first=first, last=last)
        grids = read(GRIDS, code=code)
        page = folium.Map([36.62, 109.48], zoom_start=13)
        HeatMap(list(zip(points.geometry.y, points.geometry.x, strict=True))).add_to(page)
        html = page.get_root().render().encode()
        paper = io.BytesIO()
        with PdfPages(paper) as sheets:
            for _ in range(MAPS):
                figure = Figure(figsize=A4_INCHES)
                axes = figure.add_subplot()
                grids.plot(ax=axes, facecolor="none", edgecolor="grey")
                points.plot(ax=axes, markersize=0.2, alpha=0.2, rasterized=True)
                sheets.savefig(figure, dpi=DPI)
        return len(html) + len(paper.getvalue())

    return bulletin


if __name__ == "__main__":
    side, url, code, month = sys.argv[1:]
    database = Database(make_engine(url), Settings(database_url=url))
    start = time.perf_counter()
    size = (ours if side == "ours" else peer)(database, code, month)()
    json.dump({"seconds": time.perf_counter() - start, "page": size, "peak": peak_memory()}, sys.stdout)
