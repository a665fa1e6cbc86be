"""Jobs that people wait for: what was asked, how far it is, what came of it.

Whether one waits, runs or has ended is procrastinate's to say: `procrastinate_jobs.status` of `queued`. Its
tables are made by our migrations too, but are its own.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, Uuid, column, table
from sqlalchemy.dialects.postgresql import JSONB

from gridmap.database.tables.common import metadata, of_jurisdiction, recorded_at

job = Table(
    "job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("queued", BigInteger, nullable=False),  # its id in procrastinate_jobs
    Column("kind", Text, nullable=False),
    of_jurisdiction(),
    Column("asked", JSONB, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("steps", Integer),
    Column("doing", Text),
    Column("made", JSONB),
    Column("error", Text),
    recorded_at(),
    UniqueConstraint("queued"),
    Index("ix_job_asked", "jurisdiction", "kind", "recorded_at"),
)

procrastinate_jobs = table(
    "procrastinate_jobs", column("id"), column("status"), column("abort_requested"), column("attempts")
)
