"""Places and scales as they were before they were changed: a month as it was published then needs them.

A place is corrected by overwriting it and ended by its period, a scale is forgotten by deleting it. From now
on what stood there is kept beside, with the span of time in which it was what was known.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
KEEP_PLACE = """
    CREATE FUNCTION keep_past_place() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO place_past (id, jurisdiction, kind, code, name, name_en, geom, capacity, opening_hours,
                                service_radius_m, address, properties, valid, recorded_at)
        VALUES (OLD.id, OLD.jurisdiction, OLD.kind, OLD.code, OLD.name, OLD.name_en, OLD.geom, OLD.capacity,
                OLD.opening_hours, OLD.service_radius_m, OLD.address, OLD.properties, OLD.valid,
                OLD.recorded_at);
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        NEW.recorded_at := now();
        RETURN NEW;
    END $$
    """
KEEP_SCALE = """
    CREATE FUNCTION keep_past_heat_scale() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO heat_scale_past (jurisdiction, category, counts, densities, recorded_at)
        VALUES (OLD.jurisdiction, OLD.category, OLD.counts, OLD.densities, OLD.recorded_at);
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        NEW.recorded_at := now();
        RETURN NEW;
    END $$
    """


def upgrade() -> None:
    op.create_table(
        "place_past",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("opening_hours", sa.Text(), nullable=True),
        sa.Column("service_radius_m", sa.Double(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("properties", postgresql.JSONB(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, server_default=sa.text("now()"), nullable=False),
    )
    op.create_index("ix_place_past_jurisdiction_kind", "place_past", ["jurisdiction", "kind"])
    op.create_table(
        "heat_scale_past",
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("counts", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("densities", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, server_default=sa.text("now()"), nullable=False),
    )
    op.create_index(
        "ix_heat_scale_past_jurisdiction_category", "heat_scale_past", ["jurisdiction", "category"]
    )
    for table, keep in (("place", KEEP_PLACE), ("heat_scale", KEEP_SCALE)):
        op.execute(keep)
        op.execute(
            f"CREATE TRIGGER keep_past BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION keep_past_{table}()"
        )
