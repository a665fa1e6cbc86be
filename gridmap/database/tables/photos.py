"""Photos of reports: appended only, triggers refuse any change; seen by whoever sees their report."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from gridmap.database.tables.common import metadata, of_jurisdiction, recorded_at

PHOTOS_MOST = 9  # of one report

photo = Table(
    "photo",
    metadata,
    Column("id", Uuid, primary_key=True),
    of_jurisdiction(),
    Column("report_id", Uuid, nullable=False),
    Column("occurred_at", TIMESTAMP(timezone=True), nullable=False),  # of the report
    Column("number", SmallInteger, nullable=False),  # 1, 2, … of the report
    Column("client_id", Text, nullable=False),
    Column("sent_sha256", LargeBinary, nullable=False),  # of the file as it was sent, which is not kept
    Column("sent_by", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # JPEG
    Column("small", LargeBinary, nullable=False),  # the same for lists
    recorded_at(),
    ForeignKeyConstraint(["report_id", "occurred_at"], ["report.id", "report.occurred_at"]),
    UniqueConstraint("report_id", "occurred_at", "number"),
    UniqueConstraint("report_id", "occurred_at", "client_id"),
    CheckConstraint(f"number BETWEEN 1 AND {PHOTOS_MOST}", name="number"),
    CheckConstraint("width > 0 AND height > 0", name="size"),
)
