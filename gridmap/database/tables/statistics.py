"""Counts of reports as deltas and rollups, cuts to other editions, and the scales that are kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    column,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from gridmap.database.tables.common import metadata, of_jurisdiction, recorded_at, until

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
    Column("grid_version", BigInteger, nullable=False),  # 0: in no grid
    Column("community_version", BigInteger, nullable=False),
    Column("reports", BigInteger, nullable=False),
    PrimaryKeyConstraint(
        *("jurisdiction", "month", "category", "cell_x", "cell_y", "grid_version", "community_version")
    ),
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

heat_scale = Table(
    "heat_scale",
    metadata,
    of_jurisdiction(),
    Column("category", Text, nullable=False),  # '': all categories
    Column("counts", ARRAY(Integer), nullable=False),
    Column("densities", ARRAY(Double), nullable=False),
    recorded_at(),
    PrimaryKeyConstraint("jurisdiction", "category"),
)

# The scales that were kept until they were forgotten; a trigger keeps them.
heat_scale_past = Table(
    "heat_scale_past",
    metadata,
    *(Column(each.name, each.type, nullable=False) for each in heat_scale.c),
    until(),
    Index("ix_heat_scale_past_jurisdiction_category", "jurisdiction", "category"),
)
