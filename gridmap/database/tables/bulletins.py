"""Published bulletins with their files: appended only, triggers refuse any change."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from gridmap.database.tables.common import metadata, of_jurisdiction, one_of

bulletin = Table(
    "bulletin",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_jurisdiction(),
    Column("month", Date, nullable=False),
    Column("lang", Text, nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, … of a month and language
    Column("published_at", TIMESTAMP(timezone=True), nullable=False),
    Column("published_by", Text, nullable=False),
    Column("as_of", TIMESTAMP(timezone=True), nullable=False),  # when its data were read
    Column("software", Text, nullable=False),
    Column("manifest", JSONB, nullable=False),
    CheckConstraint("extract(day FROM month) = 1", name="month"),
    one_of("lang", ("zh", "en"), "lang"),
    CheckConstraint("number > 0", name="number"),
    UniqueConstraint("jurisdiction", "month", "lang", "number"),
)

bulletin_file = Table(
    "bulletin_file",
    metadata,
    Column("bulletin_id", BigInteger, ForeignKey("bulletin.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("bulletin_id", "name"),
    CheckConstraint("encode(sha256(body), 'hex') = sha256", name="sha256"),
)
