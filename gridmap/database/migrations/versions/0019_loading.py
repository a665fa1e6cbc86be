"""Files too come in as the role that only adds. Months are tables of the owner's: two functions make them
for it, and until a month is a part of `report` it may be filled.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gridmap.database.roles import LOADER

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

LOADED = ("report_import", "work", "work_report")


def upgrade() -> None:
    connection = op.get_bind()
    name = str(connection.scalar(sa.text("SELECT current_schema()")))
    schema = connection.dialect.identifier_preparer.quote(name)
    for statement in MONTHS.format(schema=schema, loader=LOADER).split(";\n\n"):
        op.execute(statement)
    functions = "open_report_month(date), attach_report_month(date)"
    op.execute(f"REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {functions} TO {LOADER}")
    for table in LOADED:
        op.execute(f"CREATE POLICY known ON {table} FOR SELECT TO {LOADER} USING (true)")
        op.execute(f"CREATE POLICY loaded ON {table} FOR INSERT TO {LOADER} WITH CHECK (true)")
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(LOADED)} TO {LOADER}")
    op.execute(f"GRANT INSERT ON category TO {LOADER}")
    op.execute(f"GRANT USAGE ON SEQUENCE report_import_id_seq TO {LOADER}")


# The statistics are counted at once: until the server did so by itself, within a minute or so, a map of a new
# month of 200,000 took 30 seconds instead of one.
MONTHS = """
CREATE FUNCTION open_report_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ DECLARE made text := format('{schema}.%I', 'report_' || to_char(month, 'YYYY_MM'));
BEGIN
    EXECUTE 'CREATE TABLE ' || made || ' (LIKE report INCLUDING DEFAULTS INCLUDING CONSTRAINTS)';
    EXECUTE 'GRANT INSERT ON ' || made || ' TO {loader}';
END $$;

CREATE FUNCTION attach_report_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ DECLARE made text := format('{schema}.%I', 'report_' || to_char(month, 'YYYY_MM'));
BEGIN
    EXECUTE 'REVOKE INSERT ON ' || made || ' FROM {loader}';
    EXECUTE format('ALTER TABLE report ATTACH PARTITION ' || made || ' FOR VALUES FROM (%L) TO (%L)',
                   date_trunc('month', month)::date || ' 00:00+00',
                   (date_trunc('month', month) + interval '1 month')::date || ' 00:00+00');
    EXECUTE 'ANALYZE ' || made;
END $$"""
