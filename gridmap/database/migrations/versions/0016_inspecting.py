"""Whoever goes round records inspections themselves; and sees all of what lies in their sight, as of reports.
Restaurants and building sites are kinds of places: they are inspected for fumes and dust.

What files brought before does not say where it lay, and stays with those who see the whole subdistrict.
"""

import sqlalchemy as sa
from alembic import op

from gridmap.database.roles import SERVICE

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OWN = "jurisdiction = (SELECT asker_jurisdiction())"
LIES_IN_SIGHT = """ARRAY[-1, grid_version, community_version, compound_version, building_version]
    && (SELECT sight())::bigint[]"""
KINDS = (
    *("morning_market", "night_market", "trunk_market", "day_care", "parking", "rest_stop", "driver_home"),
    *("service_hall", "parlour", "compound_station", "mediation_room", "restaurant", "building_site"),
)


def upgrade() -> None:
    for kind in ("grid", "community", "compound", "building"):
        op.add_column("inspection", sa.Column(f"{kind}_version", sa.BigInteger(), nullable=True))
    op.execute(
        f"ALTER POLICY seen ON inspection USING ({OWN} AND"
        f" ({LIES_IN_SIGHT} OR inspected_by = (SELECT asker_name())))"
    )
    op.execute(
        f"CREATE POLICY added ON inspection FOR INSERT TO {SERVICE} WITH CHECK ({OWN} AND {LIES_IN_SIGHT})"
    )
    op.execute(f"GRANT INSERT ON inspection TO {SERVICE}")
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    op.execute("ALTER TABLE place DROP CONSTRAINT ck_place_kind")
    op.execute(f"ALTER TABLE place ADD CONSTRAINT ck_place_kind CHECK (kind IN ({kinds}))")
