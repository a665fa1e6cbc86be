"""Who sends a report sees it, wherever it lies: its photos come after it, and a slip in it is theirs to mend.

It is the report alone that they see, not its case. Of a machine that sends all day it is the last thousand:
what a policy looks through for each query must stay small.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report_key", sa.Column("sent_by", sa.Text(), nullable=True))
    op.create_index(
        "ix_report_key_sent_by",
        "report_key",
        ["jurisdiction", "sent_by", "report_id"],
        postgresql_where=sa.text("sent_by IS NOT NULL"),
    )
    connection = op.get_bind()
    name = str(connection.scalar(sa.text("SELECT current_schema()")))
    op.execute(OWN_REPORTS.format(schema=connection.dialect.identifier_preparer.quote(name)))


# As in 0010, and what the asker sent. Ids of reports are in the order in which they came (intake.new_ids).
OWN_REPORTS = """
CREATE OR REPLACE FUNCTION handled_reports() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ BEGIN RETURN QUERY
    SELECT l.report_id FROM handled_cases() mine (id) JOIN case_report l ON l.case_id = mine.id
    UNION SELECT * FROM corrected_now()
    UNION (
        SELECT k.report_id FROM report_key k
        WHERE k.jurisdiction = asker_jurisdiction() AND k.sent_by = asker_name()
        ORDER BY k.report_id DESC LIMIT 1000
    );
END $$
"""
