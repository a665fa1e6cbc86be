"""Places, and the backdrop drawn under the grids."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint

from gridmap.database.tables.common import metadata, of_jurisdiction, one_of, recorded_at, until
from gridmap.database.types import Shape

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
    "restaurant",
    "building_site",
)

place = Table(
    "place",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_jurisdiction(),
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
    recorded_at(),
    ExcludeConstraint(
        ("jurisdiction", "="),
        ("kind", "="),
        ("code", "="),
        ("valid", "&&"),
        name="ex_place_valid",
        using="gist",
    ),
    one_of("kind", PLACE_KINDS, "kind"),
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

# What a place said before it was corrected or ended; a trigger keeps it.
place_past = Table(
    "place_past",
    metadata,
    *(Column(each.name, each.type, nullable=each.nullable) for each in place.c),
    until(),
    Index("ix_place_past_jurisdiction_kind", "jurisdiction", "kind"),
)

backdrop = Table(
    "backdrop",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_jurisdiction(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("geom", Shape(), nullable=False),
    recorded_at(),
    Index("ix_backdrop_jurisdiction", "jurisdiction"),
)
