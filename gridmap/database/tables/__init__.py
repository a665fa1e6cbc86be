"""Every table, as SQLAlchemy Core sees it, by domain; `migrations/` makes them, a test compares the two.

Rows that people or files bring carry their jurisdiction and when they were recorded. Boundaries are never
deleted or moved: a later edition ends the validity of what it replaces (triggers of the first migration
hold that).
"""

from gridmap.database.tables.areas import AREA_KINDS, area, area_version, edition, jurisdiction
from gridmap.database.tables.bulletins import bulletin, bulletin_file
from gridmap.database.tables.cases import (
    CASE_STATES,
    INSPECTORS,
    NOTICE_KINDS,
    RULE_KINDS,
    calendar_day,
    case_checkpoint,
    case_checkpoint_head,
    case_file,
    case_move,
    case_notice,
    case_report,
    case_rules,
    inspection,
    inspection_plan,
    report_correction,
)
from gridmap.database.tables.common import DATUMS, metadata
from gridmap.database.tables.jobs import job, procrastinate_jobs
from gridmap.database.tables.people import (
    DUTY_KINDS,
    PARTY_KINDS,
    ROLES,
    account,
    duty,
    party,
    people_change,
    person,
    post,
    session,
    sign_in_attempt,
    token,
)
from gridmap.database.tables.photos import PHOTOS_MOST, photo
from gridmap.database.tables.places import PLACE_KINDS, backdrop, place, place_past
from gridmap.database.tables.reports import METHODS, category, report, report_import, report_key
from gridmap.database.tables.statistics import (
    heat_scale,
    heat_scale_past,
    report_cell,
    report_count,
    report_counts,
    report_cut,
    report_delta,
)
from gridmap.database.tables.works import work, work_kind, work_report

__all__ = [
    "AREA_KINDS",
    "CASE_STATES",
    "DATUMS",
    "DUTY_KINDS",
    "INSPECTORS",
    "METHODS",
    "NOTICE_KINDS",
    "PARTY_KINDS",
    "PHOTOS_MOST",
    "PLACE_KINDS",
    "ROLES",
    "RULE_KINDS",
    "account",
    "area",
    "area_version",
    "backdrop",
    "bulletin",
    "bulletin_file",
    "calendar_day",
    "case_checkpoint",
    "case_checkpoint_head",
    "case_file",
    "case_move",
    "case_notice",
    "case_report",
    "case_rules",
    "category",
    "duty",
    "edition",
    "heat_scale",
    "heat_scale_past",
    "inspection",
    "inspection_plan",
    "job",
    "jurisdiction",
    "metadata",
    "party",
    "people_change",
    "person",
    "photo",
    "place",
    "place_past",
    "post",
    "procrastinate_jobs",
    "report",
    "report_cell",
    "report_correction",
    "report_count",
    "report_counts",
    "report_cut",
    "report_delta",
    "report_import",
    "report_key",
    "session",
    "sign_in_attempt",
    "token",
    "work",
    "work_kind",
    "work_report",
]
