"""Work records."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from gridmap.database.tables.common import DATUMS, metadata, of_jurisdiction, one_of, recorded_at
from gridmap.database.types import Shape

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
    of_jurisdiction(),
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
    Column("recorded_by", Text, nullable=False, server_default=text("coalesce(asker_name(), '')")),
    recorded_at(),
    UniqueConstraint("jurisdiction", "client_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    one_of("datum", DATUMS, "datum"),
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
