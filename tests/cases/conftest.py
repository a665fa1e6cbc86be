"""The district of tests/people, with people on duty, in a transaction that is rolled back; reports in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases.model import Actor
from gridmap.database.months import make_months
from gridmap.people import intake as duties
from gridmap.people import store as people
from gridmap.people.model import NewDuty, Party
from gridmap.reports.intake import record_batch
from gridmap.reports.model import NewReport
from gridmap.settings import Settings
from tests.people.conftest import load_district

START = datetime(2023, 12, 1, 2, tzinfo=UTC)  # a Friday, 10:00 in Yan'an
SEEN = datetime(2023, 12, 1, 1, tzinfo=UTC)
OFFICE = Actor("office:li", frozenset({"office"}))
MEMBER = Actor("member:wang", frozenset({"member"}), frozenset({"post:grid_member@grid:g1"}))
COMMUNITY = Actor("community:wu", frozenset({"community"}))
SQUAD = Actor("squad:sun", frozenset({"department"}), frozenset({"party:squad"}))
MARKET = Actor("market:he", frozenset({"department"}), frozenset({"party:market"}))
CHIEF = Actor("chief:yan", frozenset({"member"}), frozenset({"post:grid_chief@grid:g1"}))
INSIDE = (109.4815, 36.611)  # in g1, in no building


@pytest.fixture
def district(connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path) -> Jurisdiction:
    settle(connection, jurisdiction, tmp_path)
    return jurisdiction


def settle(connection: Connection, jurisdiction: Jurisdiction, folder: Path) -> None:
    load_district(connection, jurisdiction, folder)
    parties = [
        Party("market", "market", "市场监管所"),
        Party("justice", "justice", "司法所"),
        Party("police", "police", "派出所"),
    ]
    people.put_parties(connection, jurisdiction.code, parties, "test")
    since = date(2023, 1, 1)
    for person, post, kind, code in (
        ("p1", "grid_chief", "grid", "g1"),
        ("p2", "grid_member", "grid", "g1"),
        ("p3", "community_officer", "community", "c1"),
        ("p3", "office", "subdistrict", "s"),
    ):
        duties.begin(connection, jurisdiction, NewDuty(person, post, kind, code, None, since), "test")
    make_months(connection, {date(2023, 11, 1), date(2023, 12, 1), date(2024, 1, 1)})


def send(
    connection: Connection, jurisdiction: Jurisdiction, settings: Settings, *categories: str, **changes
) -> list[tuple]:
    """Store reports at INSIDE; -> (id, occurred_at) of each."""
    drafts = [
        NewReport(
            **{
                "category": category,
                "description": f"第{number}件 {uuid4()}",
                "occurred_at": SEEN,
                "lon": INSIDE[0],
                "lat": INSIDE[1],
                "datum": "wgs84",
            }
            | changes
        )
        for number, category in enumerate(categories)
    ]
    outcomes = record_batch(connection, jurisdiction, drafts, settings=settings)
    assert {outcome.status for outcome in outcomes} == {"created"}
    return [(o.report_id, d.occurred_at) for o, d in zip(outcomes, drafts, strict=True)]


@pytest.fixture
def settings(shared_database) -> Settings:
    return shared_database.settings
