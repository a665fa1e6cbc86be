"""Whoever sent a report is told what came of it, also where they do not see its case."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE POLICY told ON case_notice FOR SELECT TO gridmap_service
        USING (jurisdiction = (SELECT asker_jurisdiction())
               AND report_id IN (SELECT mine FROM sent_reports() mine))
        """
    )
