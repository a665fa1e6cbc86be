"""Who sends a report sees it for thirty days, wherever it lies: its photos come after it.

It is the report alone that they see, not its case, and they change nothing of it. A sender is a person, as
long as they hold a post: a name of an account or token may be another's tomorrow.
"""

import sqlalchemy as sa
from alembic import op

from gridmap.database.roles import SERVICE

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
    op.execute(SENT.format(schema=connection.dialect.identifier_preparer.quote(name)))
    op.execute("REVOKE EXECUTE ON FUNCTION sent_reports() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION sent_reports() TO {SERVICE}")
    op.execute(f"CREATE POLICY sent ON report FOR SELECT TO {SERVICE} USING ({OF_SENDER})")


# A report's id begins with the milliseconds at which it came (RFC 9562, version 7).
SENT = """
CREATE FUNCTION sent_reports() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ BEGIN RETURN QUERY
    SELECT k.report_id FROM report_key k
    WHERE k.jurisdiction = asker_jurisdiction()
      AND k.sent_by = nullif(current_setting('gridmap.person', true), '')
      AND k.report_id > rpad(lpad(to_hex((extract(epoch FROM now() - interval '30 days') * 1000)::bigint),
                                  12, '0'), 32, '0')::uuid
      AND asker_recipients() <> '{{}}';
END $$
"""
OF_SENDER = """jurisdiction = (SELECT asker_jurisdiction())
    AND id IN (SELECT mine FROM sent_reports() mine)"""
