"""What somebody sees of reports beyond their sight is one list: those of their cases, and those they sent.

Two lists were made for each query, and the one of cases by recursion where there was nothing to recur to:
together a third of what sight cost a tile.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gridmap.database.roles import SERVICE

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    name = str(connection.scalar(sa.text("SELECT current_schema()")))
    schema = connection.dialect.identifier_preparer.quote(name)
    for statement in LISTS.format(schema=schema).split(";\n\n"):
        op.execute(statement)
    op.execute("REVOKE EXECUTE ON FUNCTION own_reports() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION own_reports() TO {SERVICE}")
    op.execute(f"ALTER POLICY seen ON report USING ({SEEN})")
    op.execute("DROP POLICY sent ON report")


# A case is handled with those that were merged into it. Whoever corrects a report has its case, and what that
# was merged into, until their transaction ends.
LISTS = """
CREATE OR REPLACE FUNCTION handled_cases() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp ROWS 20
AS $$ DECLARE
    mine uuid[] := ARRAY(
        SELECT f.id FROM case_file f WHERE f.recipients && (SELECT asker_recipients())::text[]
        AND f.jurisdiction = (SELECT asker_jurisdiction()));
    more uuid[] := mine;
BEGIN
    WHILE more <> '{{}}' LOOP
        more := ARRAY(SELECT f.id FROM case_file f WHERE f.merged_into = ANY (more) AND f.id <> ALL (mine));
        mine := mine || more;
    END LOOP;
    more := ARRAY(SELECT l.case_id FROM corrected_now() now (id) JOIN case_report l ON l.report_id = now.id);
    WHILE more <> '{{}}' LOOP
        mine := mine || more;
        more := ARRAY(
            SELECT f.merged_into FROM case_file f WHERE f.id = ANY (more) AND f.merged_into <> ALL (mine));
    END LOOP;
    RETURN QUERY SELECT unnest(mine);
END $$;

CREATE FUNCTION own_reports() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp ROWS 20
AS $$ BEGIN RETURN QUERY
    SELECT * FROM handled_reports() UNION ALL SELECT * FROM sent_reports();
END $$"""
SEEN = """jurisdiction = (SELECT asker_jurisdiction()) AND ((SELECT asker_sees_all())
    OR category <> ALL ((SELECT private_categories())::text[])
       AND ARRAY[-1, grid_version, community_version, compound_version, building_version]
           && (SELECT sight())::bigint[]
    OR id IN (SELECT mine FROM own_reports() mine))"""
