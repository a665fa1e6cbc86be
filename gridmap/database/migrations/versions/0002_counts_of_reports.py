"""Counts of reports per month: deltas and the rollups they are folded into, filled from what is stored.

The cells are those of geometry/cells.py. A report within 5 m of an edge counts as near it, as the setting's
default says; `gridmap stats verify --mend` counts anew under another setting.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLACED = """
    CREATE TEMPORARY VIEW placed AS
    SELECT r.jurisdiction, date_trunc('month', r.occurred_at AT TIME ZONE j.time_zone)::date AS month,
           coalesce(r.grid_version, 0) AS grid_version, coalesce(r.community_version, 0) AS community_version,
           r.category, r.method, r.geom, coalesce(r.edge_distance_m < 5, false)::integer AS near_edge
    FROM report r JOIN jurisdiction j ON j.code = r.jurisdiction
    """
COUNTS = """
    INSERT INTO report_count
    SELECT jurisdiction, 0, month, grid_version, community_version, category, method,
           count(*), sum(near_edge)
    FROM placed GROUP BY 1, 2, 3, 4, 5, 6, 7
    """
CELLS = """
    INSERT INTO report_cell
    SELECT jurisdiction, month, category,
           least(floor((ST_X(geom) + 180) / 360 * 2097152), 2097151)::integer,
           floor((1 - asinh(tan(radians(greatest(least(ST_Y(geom), 85.05), -85.05)))) / pi()) / 2
                 * 2097152)::integer,
           count(*)
    FROM placed WHERE geom IS NOT NULL GROUP BY 1, 2, 3, 4, 5
    """


def counted() -> list[sa.Column]:
    return [
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("cut", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("grid_version", sa.BigInteger(), nullable=False),
        sa.Column("community_version", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "report_delta",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *counted(),
        sa.Column("cell_x", sa.Integer(), nullable=True),
        sa.Column("cell_y", sa.Integer(), nullable=True),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("near_edge", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_delta")),
    )
    op.create_table(
        "report_count",
        *counted(),
        sa.Column("reports", sa.BigInteger(), nullable=False),
        sa.Column("near_edge", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "jurisdiction",
            "cut",
            "month",
            "grid_version",
            "community_version",
            "category",
            "method",
            name=op.f("pk_report_count"),
        ),
    )
    op.create_table(
        "report_cell",
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("cell_x", sa.Integer(), nullable=False),
        sa.Column("cell_y", sa.Integer(), nullable=False),
        sa.Column("reports", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "jurisdiction", "month", "category", "cell_x", "cell_y", name=op.f("pk_report_cell")
        ),
    )
    for statement in (PLACED, COUNTS, CELLS, "DROP VIEW placed"):
        op.execute(statement)
