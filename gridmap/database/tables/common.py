"""What tables share: the one metadata object, checks and columns that recur."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, MetaData, Text, func
from sqlalchemy.dialects.postgresql import TIMESTAMP

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def one_of(column: str, values: tuple[str, ...], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v) for v in values)})", name=name)


def recorded_at() -> Column:
    return Column("recorded_at", TIMESTAMP(timezone=True), nullable=False, server_default=func.now())


def until() -> Column:
    """When what a row of a `…_past` table says ceased to be what was known."""
    return Column("until", TIMESTAMP(timezone=True), nullable=False, server_default=func.now())


def of_jurisdiction() -> Column:
    return Column("jurisdiction", Text, ForeignKey("jurisdiction.code"), nullable=False)
