"""Jurisdictions and their areas in dated editions."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint

from gridmap.database.tables.common import metadata, of_jurisdiction, one_of, recorded_at
from gridmap.database.types import Shape

AREA_KINDS = ("subdistrict", "community", "grid", "compound", "building")

jurisdiction = Table(
    "jurisdiction",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("time_zone", Text, nullable=False),
    Column("illustrative", Boolean, nullable=False, server_default=text("false")),
    recorded_at(),
    CheckConstraint("code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'", name="code"),
)

edition = Table(
    "edition",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_jurisdiction(),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("loaded_by", Text, nullable=False),
    Column("valid_from", Date),  # null: from the beginning of time
    Column("area_count", Integer, nullable=False),
    recorded_at(),
    one_of("kind", AREA_KINDS, "kind"),
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
    of_jurisdiction(),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    recorded_at(),
    UniqueConstraint("jurisdiction", "kind", "code"),
    UniqueConstraint("id", "jurisdiction", "kind", "code"),
    one_of("kind", AREA_KINDS, "kind"),
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
    recorded_at(),
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
