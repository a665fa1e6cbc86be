"""Every table, as SQLAlchemy Core sees it; `migrations/` makes them, a test compares the two.

Rows that people or files bring carry their jurisdiction and when they were recorded. Boundaries are never
deleted or moved: a later edition ends the validity of what it replaces (triggers of the first migration
hold that).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    column,
    func,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, TIMESTAMP, ExcludeConstraint

from gridmap.database.types import Shape

AREA_KINDS = ("subdistrict", "community", "grid", "compound", "building")
PLACE_KINDS = (
    "morning_market",
    "night_market",
    "trunk_market",
    "day_care",
    "parking",
    "rest_stop",
    "driver_home",
    "service_hall",
    "parlour",
    "compound_station",
    "mediation_room",
)
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
METHODS = ("covers", "nearest", "outside", "named")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: tuple[str, ...], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v) for v in values)})", name=name)


def _recorded_at() -> Column:
    return Column("recorded_at", TIMESTAMP(timezone=True), nullable=False, server_default=func.now())


def _jurisdiction() -> Column:
    return Column("jurisdiction", Text, ForeignKey("jurisdiction.code"), nullable=False)


jurisdiction = Table(
    "jurisdiction",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("time_zone", Text, nullable=False),
    Column("illustrative", Boolean, nullable=False, server_default=text("false")),
    _recorded_at(),
    CheckConstraint("code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'", name="code"),
)

edition = Table(
    "edition",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _jurisdiction(),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("loaded_by", Text, nullable=False),
    Column("valid_from", Date),  # null: from the beginning of time
    Column("area_count", Integer, nullable=False),
    _recorded_at(),
    _one_of("kind", AREA_KINDS, "kind"),
    Index(
        "uq_edition_start",
        "jurisdiction",
        "kind",
        text("coalesce(valid_from, '-infinity'::date)"),
        unique=True,
    ),
    UniqueConstraint("id", "jurisdiction", "kind"),
)

area = Table(
    "area",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _jurisdiction(),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    _recorded_at(),
    UniqueConstraint("jurisdiction", "kind", "code"),
    UniqueConstraint("id", "jurisdiction", "kind", "code"),
    _one_of("kind", AREA_KINDS, "kind"),
)

area_version = Table(
    "area_version",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("area_id", BigInteger, nullable=False),
    Column("edition_id", BigInteger, nullable=False),
    # repeated from area and edition, so that the hot look-ups need no join; the foreign keys keep them true
    Column("jurisdiction", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent_code", Text),
    Column("properties", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("geom", Shape(), nullable=False),
    Column("valid", DATERANGE, nullable=False),
    Column("superseded_by", BigInteger, ForeignKey("edition.id")),
    _recorded_at(),
    ForeignKeyConstraint(
        ["area_id", "jurisdiction", "kind", "code"],
        ["area.id", "area.jurisdiction", "area.kind", "area.code"],
    ),
    ForeignKeyConstraint(
        ["edition_id", "jurisdiction", "kind"], ["edition.id", "edition.jurisdiction", "edition.kind"]
    ),
    ExcludeConstraint(("area_id", "="), ("valid", "&&"), name="ex_area_version_valid", using="gist"),
    CheckConstraint("NOT isempty(valid)", name="valid"),
    CheckConstraint(
        "GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON') AND NOT ST_IsEmpty(geom) AND ST_IsValid(geom)",
        name="geom",
    ),
    Index("ix_area_version_geom", "geom", postgresql_using="gist"),
    Index("ix_area_version_code", "jurisdiction", "kind", "code"),
    Index("ix_area_version_edition_id", "edition_id"),
)

place = Table(
    "place",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _jurisdiction(),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("geom", Shape(), nullable=False),
    Column("capacity", Integer),
    Column("opening_hours", Text),  # OpenStreetMap's opening_hours syntax
    Column("service_radius_m", Double),
    Column("address", Text),
    Column("properties", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("valid", DATERANGE, nullable=False),
    _recorded_at(),
    ExcludeConstraint(
        ("jurisdiction", "="),
        ("kind", "="),
        ("code", "="),
        ("valid", "&&"),
        name="ex_place_valid",
        using="gist",
    ),
    _one_of("kind", PLACE_KINDS, "kind"),
    CheckConstraint("capacity >= 0", name="capacity"),
    CheckConstraint("service_radius_m >= 0", name="service_radius"),
    CheckConstraint("NOT isempty(valid)", name="valid"),
    CheckConstraint(
        "GeometryType(geom) IN ('POINT', 'POLYGON', 'MULTIPOLYGON')"
        " AND NOT ST_IsEmpty(geom) AND ST_IsValid(geom)",
        name="geom",
    ),
    Index("ix_place_geom", "geom", postgresql_using="gist"),
)

backdrop = Table(
    "backdrop",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _jurisdiction(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("geom", Shape(), nullable=False),
    _recorded_at(),
    Index("ix_backdrop_jurisdiction", "jurisdiction"),
)

category = Table(
    "category",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("jurisdiction", Text, ForeignKey("jurisdiction.code")),  # null: known everywhere
    Column("code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("standard", Text),
    Column("provisional", Boolean, nullable=False, server_default=text("false")),
    _recorded_at(),
    _one_of("kind", ("matter", "component", "local"), "kind"),
    CheckConstraint("code ~ '^(matter|component)-[0-9]{5}$' OR code ~ '^local-[^[:space:]]+$'", name="code"),
    # what a jurisdiction adds can then never shadow what is known everywhere
    CheckConstraint("(jurisdiction IS NULL) = (code NOT LIKE 'local-own-%')", name="own"),
    Index("uq_category_code", text("coalesce(jurisdiction, '')"), "code", unique=True),
)

report_import = Table(
    "report_import",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    _jurisdiction(),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("loaded_by", Text, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    _recorded_at(),
)

# Partitioned by month of occurred_at (UTC); reports.store makes the months. The version columns have no
# foreign keys: two of them cost 41 % of a bare COPY, and the trigger on area_version refuses deletion.
report = Table(
    "report",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("occurred_at", TIMESTAMP(timezone=True), nullable=False),
    Column("recorded_at", TIMESTAMP(timezone=True), nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("import_id", BigInteger),
    Column("lon", Double),  # as given, in `datum`
    Column("lat", Double),
    Column("datum", Text),
    Column("accuracy_m", Double),
    Column("geom", Shape("POINT")),  # WGS-84
    Column("named_code", Text),  # the compound or building named instead of a coordinate
    Column("method", Text, nullable=False),
    Column("grid_version", BigInteger),
    Column("community_version", BigInteger),
    Column("compound_version", BigInteger),
    Column("building_version", BigInteger),
    Column("edge_distance_m", Double),
    Column("candidates", JSONB),  # [[grid code, probability], …], likeliest first
    Column("needs_review", Boolean, nullable=False),
    PrimaryKeyConstraint("id", "occurred_at"),
    _one_of("method", METHODS, "method"),
    _one_of("datum", DATUMS, "datum"),
    CheckConstraint(
        "(method = 'named') = (geom IS NULL) AND (geom IS NULL) = (lon IS NULL)"
        " AND (lon IS NULL) = (lat IS NULL) AND (lon IS NULL) = (datum IS NULL)"
        " AND (method <> 'named' OR named_code IS NOT NULL)",
        name="location",
    ),
    CheckConstraint("(method = 'outside') <= (grid_version IS NULL)", name="outside"),
    Index("ix_report_listing", "jurisdiction", "occurred_at", "id"),
    Index("ix_report_grid", "grid_version", "occurred_at"),
    Index("ix_report_geom", "geom", postgresql_using="gist"),
    postgresql_partition_by="RANGE (occurred_at)",
)

# What a partitioned table cannot promise: a client's id once per jurisdiction, whatever the month.
report_key = Table(
    "report_key",
    metadata,
    Column("jurisdiction", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("report_id", Uuid, nullable=False),
    Column("occurred_at", TIMESTAMP(timezone=True), nullable=False),
    Column("body_sha256", LargeBinary, nullable=False),
    PrimaryKeyConstraint("jurisdiction", "client_id"),
)

# Counts of reports: what a transaction adds or takes away is appended as deltas, so that no row is fought
# over; a fold moves them into the two rollups. What is true is always rollup plus deltas.
_COUNTED = ("cut", "month", "grid_version", "community_version", "category", "method")


def _counted() -> tuple[Column[Any], ...]:
    return (
        Column("jurisdiction", Text, nullable=False),
        Column("cut", BigInteger, nullable=False, server_default="0"),  # edition re-cut to; 0: as placed
        Column("month", Date, nullable=False),  # its first day, in the jurisdiction's time zone
        Column("grid_version", BigInteger, nullable=False),  # 0: in no grid
        Column("community_version", BigInteger, nullable=False),
        Column("category", Text, nullable=False),
        Column("method", Text, nullable=False),
    )


report_delta = Table(
    "report_delta",
    metadata,
    *_counted(),
    Column("cell_x", Integer),  # geometry.cells; none without a coordinate, or in a cut
    Column("cell_y", Integer),
    Column("reports", Integer, nullable=False),
    Column("near_edge", Integer, nullable=False),
)

report_count = Table(
    "report_count",
    metadata,
    *_counted(),
    Column("reports", BigInteger, nullable=False),
    Column("near_edge", BigInteger, nullable=False),
    PrimaryKeyConstraint("jurisdiction", *_COUNTED),
)

report_cell = Table(
    "report_cell",
    metadata,
    Column("jurisdiction", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("category", Text, nullable=False),
    Column("cell_x", Integer, nullable=False),
    Column("cell_y", Integer, nullable=False),
    Column("reports", BigInteger, nullable=False),
    PrimaryKeyConstraint("jurisdiction", "month", "category", "cell_x", "cell_y"),
)

# Views: what is true of the counts at any moment, rollup and deltas together. As tables they would be made.
report_counts = table(
    "report_counts",
    *(column(each.name, each.type) for each in _counted()),
    column("reports", BigInteger),
    column("near_edge", BigInteger),
)

# Where reports lie in the grids of another edition than that of their day. Without foreign keys, as there.
report_cut = Table(
    "report_cut",
    metadata,
    Column("cut", BigInteger, nullable=False),  # edition of grids
    Column("occurred_at", TIMESTAMP(timezone=True), nullable=False),
    Column("report_id", Uuid, nullable=False),
    Column("grid_version", BigInteger, nullable=False),  # 0: in no grid
    Column("method", Text, nullable=False),
    Column("near_edge", Boolean, nullable=False),
    PrimaryKeyConstraint("cut", "occurred_at", "report_id"),
)

work_kind = Table(
    "work_kind",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("unit", Text, nullable=False),
)

work = Table(
    "work",
    metadata,
    Column("id", Uuid, primary_key=True),
    _jurisdiction(),
    Column("client_id", Text, nullable=False),
    Column("kind", Text, ForeignKey("work_kind.code"), nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("occurred_on", Date, nullable=False),
    Column("place_name", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("lon", Double),
    Column("lat", Double),
    Column("datum", Text),
    Column("geom", Shape("POINT")),
    Column("grid_version", BigInteger),
    Column("body_sha256", LargeBinary, nullable=False),
    _recorded_at(),
    UniqueConstraint("jurisdiction", "client_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    _one_of("datum", DATUMS, "datum"),
    Index("ix_work_listing", "jurisdiction", "occurred_on", "id"),
)

work_report = Table(
    "work_report",
    metadata,
    Column("work_id", Uuid, ForeignKey("work.id"), nullable=False),
    Column("report_id", Uuid, nullable=False),
    Column("occurred_at", TIMESTAMP(timezone=True), nullable=False),
    PrimaryKeyConstraint("work_id", "report_id"),
    ForeignKeyConstraint(["report_id", "occurred_at"], ["report.id", "report.occurred_at"]),
    Index("ix_work_report_report_id", "report_id"),
)

heat_scale = Table(
    "heat_scale",
    metadata,
    _jurisdiction(),
    Column("category", Text, nullable=False),  # '': all categories
    Column("counts", ARRAY(Integer), nullable=False),
    Column("densities", ARRAY(Double), nullable=False),
    _recorded_at(),
    PrimaryKeyConstraint("jurisdiction", "category"),
)
