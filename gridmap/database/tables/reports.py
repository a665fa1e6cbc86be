"""Reports, their categories, the files they came in, and their clients' ids."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from gridmap.database.tables.common import DATUMS, metadata, of_jurisdiction, one_of, recorded_at
from gridmap.database.types import Shape

METHODS = ("covers", "nearest", "outside", "named")

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
    Column("private", Boolean, nullable=False, server_default=text("false")),
    recorded_at(),
    one_of("kind", ("matter", "component", "local"), "kind"),
    CheckConstraint("code ~ '^(matter|component)-[0-9]{5}$' OR code ~ '^local-[^[:space:]]+$'", name="code"),
    # what a jurisdiction adds can then never shadow what is known everywhere
    CheckConstraint("(jurisdiction IS NULL) = (code NOT LIKE 'local-own-%')", name="own"),
    Index("uq_category_code", text("coalesce(jurisdiction, '')"), "code", unique=True),
)

report_import = Table(
    "report_import",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    of_jurisdiction(),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("loaded_by", Text, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    recorded_at(),
)

# Partitioned by month of occurred_at (UTC); database.months makes the months. The version columns have no
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
    one_of("method", METHODS, "method"),
    one_of("datum", DATUMS, "datum"),
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
    Column("client_id", Text(collation="C"), nullable=False),
    Column("report_id", Uuid, nullable=False),
    Column("occurred_at", TIMESTAMP(timezone=True), nullable=False),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("sent_by", Text),  # code of the person who did; no one of a file's
    PrimaryKeyConstraint("client_id", "jurisdiction"),  # what tells rows apart is compared first
    Index(
        "ix_report_key_sent_by",
        "jurisdiction",
        "sent_by",
        "report_id",
        postgresql_where=text("sent_by IS NOT NULL"),
    ),
)
