"""The first schema: jurisdictions, dated areas, places, reports by month, works.

Boundaries are lasting: a trigger refuses their deletion and every change but the end of their validity.
Forward only; there is nothing to go back to.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jurisdiction",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'", name=op.f("ck_jurisdiction_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_jurisdiction")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column("named_code", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("grid_version", sa.BigInteger(), nullable=True),
        sa.Column("community_version", sa.BigInteger(), nullable=True),
        sa.Column("compound_version", sa.BigInteger(), nullable=True),
        sa.Column("building_version", sa.BigInteger(), nullable=True),
        sa.Column("edge_distance_m", sa.Double(), nullable=True),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(method = 'named') = (geom IS NULL) AND (geom IS NULL) = (lon IS NULL) "
            "AND (lon IS NULL) = (lat IS NULL) AND (lon IS NULL) = (datum IS NULL) "
            "AND (method <> 'named' OR named_code IS NOT NULL)",
            name=op.f("ck_report_location"),
        ),
        sa.CheckConstraint("(method = 'outside') <= (grid_version IS NULL)", name=op.f("ck_report_outside")),
        sa.CheckConstraint("datum IN ('wgs84', 'cgcs2000', 'gcj02', 'bd09')", name=op.f("ck_report_datum")),
        sa.CheckConstraint(
            "method IN ('covers', 'nearest', 'outside', 'named')", name=op.f("ck_report_method")
        ),
        sa.PrimaryKeyConstraint("id", "occurred_at", name=op.f("pk_report")),
        postgresql_partition_by="RANGE (occurred_at)",
    )
    op.create_index("ix_report_geom", "report", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_report_grid", "report", ["grid_version", "occurred_at"], unique=False)
    op.create_index("ix_report_listing", "report", ["jurisdiction", "occurred_at", "id"], unique=False)
    op.create_table(
        "work_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_work_kind")),
    )
    op.create_table(
        "area",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('subdistrict', 'community', 'grid', 'compound', 'building')", name=op.f("ck_area_kind")
        ),
        sa.ForeignKeyConstraint(["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_area_jurisdiction")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint(
            "id", "jurisdiction", "kind", "code", name=op.f("uq_area_id_jurisdiction_kind_code")
        ),
        sa.UniqueConstraint("jurisdiction", "kind", "code", name=op.f("uq_area_jurisdiction_kind_code")),
    )
    op.create_table(
        "backdrop",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_backdrop_jurisdiction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backdrop")),
    )
    op.create_index("ix_backdrop_jurisdiction", "backdrop", ["jurisdiction"], unique=False)
    op.create_table(
        "category",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("standard", sa.Text(), nullable=True),
        sa.Column("provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "code ~ '^(matter|component)-[0-9]{5}$' OR code ~ '^local-[^[:space:]]+$'",
            name=op.f("ck_category_code"),
        ),
        sa.CheckConstraint("kind IN ('matter', 'component', 'local')", name=op.f("ck_category_kind")),
        sa.CheckConstraint(
            "(jurisdiction IS NULL) = (code NOT LIKE 'local-own-%')", name=op.f("ck_category_own")
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_category_jurisdiction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
    )
    op.create_index(
        "uq_category_code", "category", [sa.literal_column("coalesce(jurisdiction, '')"), "code"], unique=True
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("loaded_by", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("area_count", sa.Integer(), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('subdistrict', 'community', 'grid', 'compound', 'building')",
            name=op.f("ck_edition_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_edition_jurisdiction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("id", "jurisdiction", "kind", name=op.f("uq_edition_id_jurisdiction_kind")),
    )
    op.create_index(
        "uq_edition_start",
        "edition",
        ["jurisdiction", "kind", sa.literal_column("coalesce(valid_from, '-infinity'::date)")],
        unique=True,
    )
    op.create_table(
        "heat_scale",
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("counts", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("densities", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_heat_scale_jurisdiction")
        ),
        sa.PrimaryKeyConstraint("jurisdiction", "category", name=op.f("pk_heat_scale")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
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
        sa.Column(
            "properties",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("jurisdiction"), "="),
            (sa.column("kind"), "="),
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_place_valid",
        ),
        sa.CheckConstraint(
            "GeometryType(geom) IN ('POINT', 'POLYGON', 'MULTIPOLYGON') "
            "AND NOT ST_IsEmpty(geom) AND ST_IsValid(geom)",
            name=op.f("ck_place_geom"),
        ),
        sa.CheckConstraint(
            "kind IN ('morning_market', 'night_market', 'trunk_market', 'day_care', 'parking', "
            "'rest_stop', 'driver_home', 'service_hall', 'parlour', 'compound_station', 'mediation_room')",
            name=op.f("ck_place_kind"),
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_place_valid")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_place_capacity")),
        sa.CheckConstraint("service_radius_m >= 0", name=op.f("ck_place_service_radius")),
        sa.ForeignKeyConstraint(["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_place_jurisdiction")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_index("ix_place_geom", "place", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "report_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("loaded_by", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_report_import_jurisdiction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_import")),
    )
    op.create_table(
        "report_key",
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_report_key_jurisdiction")
        ),
        sa.PrimaryKeyConstraint("jurisdiction", "client_id", name=op.f("pk_report_key")),
    )
    op.create_table(
        "work",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("place_name", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column("grid_version", sa.BigInteger(), nullable=True),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("datum IN ('wgs84', 'cgcs2000', 'gcj02', 'bd09')", name=op.f("ck_work_datum")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_work_quantity")),
        sa.ForeignKeyConstraint(["jurisdiction"], ["jurisdiction.code"], name=op.f("fk_work_jurisdiction")),
        sa.ForeignKeyConstraint(["kind"], ["work_kind.code"], name=op.f("fk_work_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
        sa.UniqueConstraint("jurisdiction", "client_id", name=op.f("uq_work_jurisdiction_client_id")),
    )
    op.create_index("ix_work_listing", "work", ["jurisdiction", "occurred_on", "id"], unique=False)
    op.create_table(
        "area_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("edition_id", sa.BigInteger(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column(
            "properties",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("area_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_area_version_valid",
        ),
        sa.CheckConstraint(
            "GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON') AND NOT ST_IsEmpty(geom) AND ST_IsValid(geom)",
            name=op.f("ck_area_version_geom"),
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_area_version_valid")),
        sa.ForeignKeyConstraint(
            ["area_id", "jurisdiction", "kind", "code"],
            ["area.id", "area.jurisdiction", "area.kind", "area.code"],
            name=op.f("fk_area_version_area_id_jurisdiction_kind_code"),
        ),
        sa.ForeignKeyConstraint(
            ["edition_id", "jurisdiction", "kind"],
            ["edition.id", "edition.jurisdiction", "edition.kind"],
            name=op.f("fk_area_version_edition_id_jurisdiction_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by"], ["edition.id"], name=op.f("fk_area_version_superseded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_version")),
    )
    op.create_index("ix_area_version_code", "area_version", ["jurisdiction", "kind", "code"], unique=False)
    op.create_index("ix_area_version_edition_id", "area_version", ["edition_id"], unique=False)
    op.create_index("ix_area_version_geom", "area_version", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "work_report",
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id", "occurred_at"],
            ["report.id", "report.occurred_at"],
            name=op.f("fk_work_report_report_id_occurred_at"),
        ),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name=op.f("fk_work_report_work_id")),
        sa.PrimaryKeyConstraint("work_id", "report_id", name=op.f("pk_work_report")),
    )
    op.create_index("ix_work_report_report_id", "work_report", ["report_id"], unique=False)
    op.execute(
        """
        CREATE FUNCTION keep_rows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows are kept: % of % refused', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION keep_boundaries() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND lower_inc(OLD.valid) IS NOT DISTINCT FROM lower_inc(NEW.valid)
               AND lower(OLD.valid) IS NOT DISTINCT FROM lower(NEW.valid)
               AND NEW.superseded_by IS NOT NULL AND OLD.superseded_by IS NULL
               AND (to_jsonb(NEW) - 'valid' - 'superseded_by' - 'geom')
                   = (to_jsonb(OLD) - 'valid' - 'superseded_by' - 'geom')
               AND ST_AsBinary(NEW.geom) = ST_AsBinary(OLD.geom) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'boundaries are kept: % of area_version refused', TG_OP
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER keep_boundaries BEFORE UPDATE OR DELETE ON area_version"
        " FOR EACH ROW EXECUTE FUNCTION keep_boundaries()"
    )
    op.execute(
        "CREATE TRIGGER keep_editions BEFORE UPDATE OR DELETE ON edition"
        " FOR EACH ROW EXECUTE FUNCTION keep_rows()"
    )
    op.execute(
        "CREATE TRIGGER keep_areas BEFORE UPDATE OR DELETE ON area FOR EACH ROW EXECUTE FUNCTION keep_rows()"
    )
    op.execute(
        "CREATE TRIGGER keep_boundaries_whole BEFORE TRUNCATE ON area_version"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_boundaries()"
    )
