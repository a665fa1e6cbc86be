"""Cases: their history and its checkpoints, their reports and notices, the rules and days they go by;
corrections of reports; inspections.

`case_move` is the truth; `case_file` is what a history comes to, held for lists and checked against it by
`gridmap audit verify`. Triggers of migration 0008 let nobody change or delete a line of what is append-only.
"""

from __future__ import annotations

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
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

from gridmap.database.tables.common import DATUMS, metadata, of_jurisdiction, one_of, recorded_at
from gridmap.database.tables.reports import METHODS
from gridmap.database.types import Shape

CASE_STATES = (
    *("collected", "filed", "dispatched", "handling", "answered", "checked", "suspended"),
    *("closed", "refused", "voided", "merged"),
)
RULE_KINDS = ("handling", "routing", "deadlines")
NOTICE_KINDS = ("collected", "filed", "refused", "merged", "closed", "voided", "reopened", "corrected")
INSPECTORS = ("member", "squad", "property")
TARGETS = ("building", "place")


def moment(name: str) -> Column:
    return Column(name, TIMESTAMP(timezone=True), nullable=False)


case_file = Table(
    "case_file",
    metadata,
    Column("id", Uuid, primary_key=True),
    of_jurisdiction(),
    Column("category", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("geom", Shape("POINT")),  # WGS-84, of its first report
    Column("grid_version", BigInteger),
    Column("community_version", BigInteger),
    Column("compound_version", BigInteger),
    Column("building_version", BigInteger),
    moment("occurred_at"),  # of its first report
    moment("opened_at"),
    moment("changed_at"),
    Column("state", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),  # hash of the last move
    Column("waiting_for", ARRAY(Text), nullable=False),  # recipients who still have to answer, or role:office
    Column("recipients", ARRAY(Text), nullable=False),  # all who have or ever had a task of it
    Column("supervised", Boolean, nullable=False, server_default=text("false")),
    Column("merged_into", Uuid, ForeignKey("case_file.id")),
    one_of("state", CASE_STATES, "state"),
    CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged"),
    Index("ix_case_file_listing", "jurisdiction", "opened_at", "id"),
    Index("ix_case_file_state", "jurisdiction", "state"),
    Index("ix_case_file_waiting_for", "waiting_for", postgresql_using="gin"),
    Index("ix_case_file_recipients", "recipients", postgresql_using="gin"),
    Index("ix_case_file_grid", "grid_version", "opened_at"),
    Index("ix_case_file_geom", "geom", postgresql_using="gist"),
    Index("ix_case_file_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
)

case_move = Table(
    "case_move",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    of_jurisdiction(),
    Column("move", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("actor", Text, nullable=False),
    moment("at"),
    Column("reason", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    recorded_at(),
    PrimaryKeyConstraint("case_id", "seq"),
)

# A report is in one case for good; those of a case that was merged into another belong to that one too.
case_report = Table(
    "case_report",
    metadata,
    Column("report_id", Uuid, nullable=False),
    Column("occurred_at", TIMESTAMP(timezone=True), nullable=False),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    of_jurisdiction(),
    recorded_at(),
    PrimaryKeyConstraint("report_id", "occurred_at"),
    ForeignKeyConstraint(["report_id", "occurred_at"], ["report.id", "report.occurred_at"]),
    Index("ix_case_report_case_id", "case_id"),
)

# What the reporter of a report is told; how it reaches them is another matter.
case_notice = Table(
    "case_notice",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_jurisdiction(),
    Column("case_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("report_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    recorded_at(),
    ForeignKeyConstraint(["case_id", "seq"], ["case_move.case_id", "case_move.seq"]),
    one_of("kind", NOTICE_KINDS, "kind"),
    Index("ix_case_notice_report_id", "report_id"),
)

case_checkpoint = Table(
    "case_checkpoint",
    metadata,
    of_jurisdiction(),
    Column("number", Integer, nullable=False),
    Column("day", Date, nullable=False),
    moment("made_at"),
    Column("cases", Integer, nullable=False),
    Column("heads", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("jurisdiction", "number"),
)

# The ends of chains that changed since the checkpoint before.
case_checkpoint_head = Table(
    "case_checkpoint_head",
    metadata,
    Column("jurisdiction", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("jurisdiction", "number", "case_id"),
    ForeignKeyConstraint(
        ["jurisdiction", "number"], ["case_checkpoint.jurisdiction", "case_checkpoint.number"]
    ),
)

# Files of rules as they were loaded; of each kind the last counts.
case_rules = Table(
    "case_rules",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_jurisdiction(),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("loaded_by", Text, nullable=False),
    recorded_at(),
    one_of("kind", RULE_KINDS, "kind"),
    Index("ix_case_rules_kind", "jurisdiction", "kind", "id"),
)

# Holidays and make-up days that a jurisdiction brought itself, by the year of their notice.
calendar_day = Table(
    "calendar_day",
    metadata,
    of_jurisdiction(),
    Column("year", SmallInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("working", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("loaded_by", Text, nullable=False),
    recorded_at(),
    PrimaryKeyConstraint("jurisdiction", "day", "year"),
)

# What a report was before and after a correction. The report's row holds what is true now, so that every
# reader of reports is right; `report_as_sent` is what its sender said.
report_correction = Table(
    "report_correction",
    metadata,
    Column("report_id", Uuid, nullable=False),
    Column("occurred_at", TIMESTAMP(timezone=True), nullable=False),
    Column("number", Integer, nullable=False),  # from 1
    of_jurisdiction(),
    Column("corrected_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("lon", Double),
    Column("lat", Double),
    Column("datum", Text),
    Column("accuracy_m", Double),
    Column("named_code", Text),
    Column("was", JSONB, nullable=False),  # the same columns and its placement, before
    Column("method", Text, nullable=False),
    Column("grid_version", BigInteger),
    recorded_at(),
    PrimaryKeyConstraint("report_id", "occurred_at", "number"),
    ForeignKeyConstraint(["report_id", "occurred_at"], ["report.id", "report.occurred_at"]),
    one_of("datum", DATUMS, "datum"),
    one_of("method", METHODS, "method"),
    Index("ix_report_correction_recorded_at", "recorded_at"),
)

# 三排查: what is to be inspected, by whom, how often; and what was.
inspection_plan = Table(
    "inspection_plan",
    metadata,
    of_jurisdiction(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("inspector", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("every_days", Integer, nullable=False),
    Column("category", Text),  # of a report that an inspection leads to
    Column("target_codes", ARRAY(Text)),  # codes of the targets; null: every building
    Column("loaded_by", Text, nullable=False),
    recorded_at(),
    PrimaryKeyConstraint("jurisdiction", "code"),
    one_of("inspector", INSPECTORS, "inspector"),
    one_of("target", TARGETS, "target"),
    CheckConstraint("every_days BETWEEN 1 AND 3660", name="every_days"),
    CheckConstraint("target = 'building' OR target_codes IS NOT NULL", name="targets"),
)

inspection = Table(
    "inspection",
    metadata,
    Column("id", Uuid, primary_key=True),
    of_jurisdiction(),
    Column("plan", Text, nullable=False),
    Column("target_code", Text, nullable=False),
    Column("inspected_on", Date, nullable=False),
    Column("inspected_by", Text, nullable=False),
    Column("trouble", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    recorded_at(),
    # where the target lay on that day
    *(Column(f"{kind}_version", BigInteger) for kind in ("grid", "community", "compound", "building")),
    ForeignKeyConstraint(["jurisdiction", "plan"], ["inspection_plan.jurisdiction", "inspection_plan.code"]),
    Index("uq_inspection_once", "jurisdiction", "plan", "target_code", "inspected_on", unique=True),
)
