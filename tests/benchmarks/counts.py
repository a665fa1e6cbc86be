"""The monthly counts: asked of the rollup instead of the rows, and cut to another edition of the grids."""

from __future__ import annotations

from collections import Counter
from datetime import date

import shapely
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import NewArea
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.generated.loading import add_reports
from gridmap.statistics.counts import store
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.counts.recutting import recut
from tests.benchmarks.measure import Figure, compare

ROWS = 10_000_000
YEAR = date(2020, 1, 1), date(2020, 12, 1)
OWNER = "bench-monthly"  # of the counts alone

# one row a report, in the order they would have come; of the columns only those that are asked for
PLAIN = sa.text(
    """
    CREATE TABLE bench_plain AS
    SELECT timestamptz '2020-01-01+08' + n / CAST(:rows AS float8) * interval '366 days' AS occurred_at,
           (CAST(:grids AS bigint[]))[1 + floor(power(random(), 2) * :grid_count)::int] AS grid_version,
           (CAST(:codes AS text[]))[1 + floor(power(random(), 2) * :code_count)::int] AS category
    FROM generate_series(0, :rows - 1) n
    """
)
COUNTED = sa.text(
    """
    INSERT INTO report_count
    SELECT :owner, 0, date_trunc('month', occurred_at AT TIME ZONE 'Asia/Shanghai')::date, grid_version, 0,
           category, CASE WHEN random() < 0.02 THEN 'nearest' ELSE 'covers' END AS method, count(*), 0
    FROM bench_plain GROUP BY 3, 4, 6, 7
    """
)
GROUPED = sa.text(
    """
    SELECT date_trunc('month', occurred_at AT TIME ZONE 'Asia/Shanghai')::date, grid_version, category,
           count(*)
    FROM bench_plain GROUP BY 1, 2, 3
    """
)

STORED = 1_000_000
DECEMBER = date(2023, 12, 1)
MOVED = (0.0004, 0.0003)  # degrees: the new edition's grids lie some 50 m off
# What a GIS engineer would write. Nothing is said of edges that two grids share, or of what lies near a grid.
JOINED = sa.text(
    """
    UPDATE bench_recut r SET grid_version = a.id
    FROM area_version a WHERE a.edition_id = :edition AND ST_Covers(a.geom, r.geom)
    """
)


def monthly(database: Database) -> list[Figure]:
    with database.writing() as connection:
        grids = [v.id for v in areas.versions(connection, JURISDICTION.code, "grid")]
        codes = list(store.categories(connection, JURISDICTION.code))
        given = {"grids": grids, "grid_count": len(grids), "codes": codes, "code_count": len(codes)}
        connection.execute(PLAIN, given | {"rows": ROWS})
        connection.execute(COUNTED, {"owner": OWNER})
    fold(database)
    vacuum(database)
    _agree(database)

    def ours() -> None:
        with database.reading() as connection:
            store.cross(connection, OWNER, *YEAR)

    def plain() -> None:
        with database.reading() as connection:
            connection.execute(GROUPED).all()

    shows = f"{ROWS:,} reports of a year, {len(grids)} grids, {len(codes)} categories"
    return [compare("monthly", "GROUP BY on a plain table, parallel", ours, plain, shows, reach=100)]


def _agree(database: Database) -> None:
    with database.reading() as connection:
        found = store.cross(connection, OWNER, *YEAR)
        columns = (
            found.month.astype("datetime64[D]").tolist(),
            found.grid_version.tolist(),
            [found.categories[index] for index in found.category.tolist()],
        )
        ours = Counter(dict(zip(zip(*columns, strict=True), found.reports.tolist(), strict=True)))
        assert ours == Counter({tuple(row[:3]): row[3] for row in connection.execute(GROUPED)})


def recut_stored(database: Database) -> list[Figure]:
    add_reports(database, JURISDICTION, STORED, months=1)
    fold(database)
    with database.writing() as connection:
        old = areas.editions(connection, JURISDICTION.code, "grid")[0].id
        grids = areas.areas(connection, JURISDICTION.code, kind="grid", day=DECEMBER)
        shapes = shapely.transform([g.geometry for g in grids], lambda xy: xy + MOVED)
        new = areas.add_edition(
            connection,
            JURISDICTION.code,
            "grid",
            [NewArea(g.code, g.name, shape, g.parent_code) for g, shape in zip(grids, shapes, strict=True)],
            file_name="moved",
            sha256="0" * 64,
            loaded_by="bench",
            valid_from=date(2024, 1, 1),
        ).id
    sql(
        database,
        "CREATE TABLE bench_recut (LIKE report INCLUDING ALL)",
        "INSERT INTO bench_recut SELECT * FROM report_2023_12",
    )
    turn = Counter[str]()

    def ours() -> None:
        turn["ours"] += 1
        edition = (old, new)[turn["ours"] % 2]
        assert recut(database, JURISDICTION, edition, first=DECEMBER, last=DECEMBER).reports > STORED // 2

    def joined() -> None:
        turn["peer"] += 1
        with database.writing() as connection:
            connection.execute(JOINED, {"edition": (old, new)[turn["peer"] % 2]})

    shows = f"{STORED:,} reports to another edition of {len(grids)} grids, with their counts"
    return [
        compare(
            "recut",
            "UPDATE … FROM a spatial join",
            ours,
            joined,
            f"{shows}; the peer's table has the indexes of ours",
            reach=4,
            before=lambda: vacuum(database),
        )
    ]


def vacuum(database: Database) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
        connection.exec_driver_sql("CHECKPOINT")


def sql(database: Database, *statements: str) -> None:
    with database.writing() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
