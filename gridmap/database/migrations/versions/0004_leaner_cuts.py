"""Cuts of reports without what only costs: a month that nobody asks for, and a foreign key to the edition.

A trigger keeps editions from being deleted; to look for it at each of a million rows took as long as to copy
them in.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("fk_report_cut_cut", "report_cut", type_="foreignkey")
    op.drop_column("report_cut", "month")
