"""Reports cut to another edition than that of their day; deltas and keys without what only costs.

A delta had a number and an index over it that nothing asked for, a key a foreign key to the jurisdiction that
intake has looked up before: together a tenth of what importing a file costs.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# what is true of the counts at any moment
COUNTS = """
    CREATE VIEW report_counts AS
    SELECT jurisdiction, cut, month, grid_version, community_version, category, method,
           reports, near_edge FROM report_count
    UNION ALL
    SELECT jurisdiction, cut, month, grid_version, community_version, category, method,
           reports, near_edge FROM report_delta
    """
CELLS = """
    CREATE VIEW report_cells AS
    SELECT jurisdiction, month, category, cell_x, cell_y, reports FROM report_cell
    UNION ALL
    SELECT jurisdiction, month, category, cell_x, cell_y, reports FROM report_delta
    WHERE cut = 0 AND cell_x IS NOT NULL
    """


def upgrade() -> None:
    op.drop_column("report_delta", "id")
    op.drop_constraint("fk_report_key_jurisdiction", "report_key", type_="foreignkey")
    op.create_table(
        "report_cut",
        sa.Column("cut", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("grid_version", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("near_edge", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["cut"], ["edition.id"], name=op.f("fk_report_cut_cut")),
        sa.PrimaryKeyConstraint("cut", "occurred_at", "report_id", name=op.f("pk_report_cut")),
    )
    op.execute(COUNTS)
    op.execute(CELLS)
