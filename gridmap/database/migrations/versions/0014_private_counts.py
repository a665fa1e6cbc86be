"""Counts of private categories are the office's alone, also where a duty is for the whole subdistrict.

Somebody of a department there had all counts before: those of all categories less those of each public one
are those of the private ones.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SEEN = """jurisdiction = (SELECT asker_jurisdiction()) AND ((SELECT asker_sees_all())
    OR category <> ALL ((SELECT private_categories())::text[])
       AND ARRAY[-1, grid_version, community_version] && (SELECT sight())::bigint[])"""


def upgrade() -> None:
    for table in ("report_count", "report_delta", "report_cell"):
        op.execute(f"ALTER POLICY seen ON {table} USING ({SEEN})")
