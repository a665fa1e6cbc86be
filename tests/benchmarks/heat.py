"""A month's heat map, from the database to the finished page, against Folium's HeatMap with every point."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import folium
import sqlalchemy as sa
from folium.plugins import HeatMap

from gridmap.areas import store as areas
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.maps.heat import heat_page
from gridmap.reports import intake
from gridmap.reports.model import NewReport
from gridmap.statistics.monthly import month_heat
from tests.benchmarks.measure import Figure, compare
from tests.benchmarks.place import points

REPORTS = 100_000
MONTH = date(2020, 5, 1)


def fill(database: Database) -> None:
    """Reports of one month, through the product's own intake."""
    with database.reading() as connection:
        grids = areas.areas(connection, JURISDICTION.code, kind="grid", day=JURISDICTION.today())
    first = datetime(MONTH.year, MONTH.month, 1, tzinfo=JURISDICTION.zone)
    where = points([g.geometry for g in grids], REPORTS, seed=11)
    drafts = [
        NewReport(
            "matter-09009",
            "",
            first + timedelta(seconds=n * 2_600_000 // REPORTS),
            f"heat-{n}",
            lon,
            lat,
            "wgs84",
        )
        for n, (lon, lat) in enumerate(where.tolist())
    ]
    for start in range(0, REPORTS, 10_000):
        intake.record(database, JURISDICTION, drafts[start : start + 10_000])


def run(database: Database) -> list[Figure]:
    fill(database)
    pages: dict[str, int] = {}

    def ours() -> None:
        pages["ours"] = len(heat_page(month_heat(database, JURISDICTION, MONTH)).encode())

    def peer() -> None:
        with database.reading() as connection:
            rows = connection.execute(
                sa.text(
                    "SELECT ST_Y(geom), ST_X(geom) FROM report"
                    " WHERE occurred_at >= '2020-04-30 16:00+00' AND occurred_at < '2020-05-31 16:00+00'"
                )
            ).all()
        plain = folium.Map([36.62, 109.48], zoom_start=13)
        HeatMap([list(row) for row in rows]).add_to(plain)
        pages["peer"] = len(plain.get_root().render().encode())

    figure = compare(
        "heat",
        "Folium HeatMap with every point, from the same database",
        ours,
        peer,
        f"{REPORTS:,} reports",
    )
    sizes = f"{figure.shows}; page {pages['ours'] / 1e6:.2f} MB against {pages['peer'] / 1e6:.2f} MB"
    return [Figure(figure.job, figure.against, figure.ratio, figure.ours_s, figure.peer_s, sizes)]
