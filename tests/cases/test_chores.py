"""What the service does for cases by itself, over a database as it does it: each in its own transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cases import store
from gridmap.cases.audit.store import checkpoints
from gridmap.cases.chores import open_everywhere, pass_on_everywhere, pass_on_silent, sign_everywhere
from gridmap.cases.intake import collect
from gridmap.cases.moving import make
from gridmap.cases.workflow import live_states
from gridmap.database import tables as t
from gridmap.database.months import make_months
from gridmap.faces.background import JOBS
from tests.cases.conftest import OFFICE, send, settle

RUBBISH = "matter-06010"
CHIEF, MEMBER = "post:grid_chief@grid:g1", "post:grid_member@grid:g1"
OWNER = Jurisdiction("chores", "值守街道", "Chores", illustrative=True)


@pytest.fixture
def place(database, tmp_path) -> Jurisdiction:
    with database.writing() as connection:
        areas.add_jurisdiction(connection, OWNER)
        settle(connection, OWNER, tmp_path)
        this_month = OWNER.today().replace(day=1)
        make_months(connection, {this_month, (this_month - timedelta(days=1)).replace(day=1)})
    return OWNER


def waiting(database) -> list[tuple[str, tuple[str, ...]]]:
    with database.reading() as connection:
        found = store.cases(
            connection, OWNER.code, store.Filter(states=tuple(live_states())), sort="opened_at", limit=None
        )
    return [(each.state, each.waiting_for) for each in found]


def test_what_is_sent_becomes_a_case_and_silence_hands_it_on(database, place) -> None:
    now = datetime.now(UTC)
    with database.writing() as connection:
        send(connection, place, database.settings, RUBBISH, occurred_at=now - timedelta(minutes=1))
    open_everywhere(database)
    open_everywhere(database)
    assert waiting(database) == [("collected", ())]
    with database.writing() as connection:
        (case,) = store.cases(connection, OWNER.code, store.Filter(), sort="opened_at", limit=None)
        for move in ("file", "dispatch"):
            make(connection, place, database.settings, case.id, move, OFFICE)
    assert waiting(database) == [("dispatched", (CHIEF,))]
    pass_on_everywhere(database)  # not a minute has passed
    assert waiting(database) == [("dispatched", (CHIEF,))]
    assert pass_on_silent(database, place, now + timedelta(days=15)) == [(case.id, CHIEF, MEMBER)]
    assert waiting(database) == [("dispatched", (MEMBER,))]


def test_histories_that_grew_are_signed_once_a_day(database, place) -> None:
    def signed() -> list[int]:
        with database.reading() as connection:
            return [each.checkpoint.number for each in checkpoints(connection, OWNER.code)]

    sign_everywhere(database)
    assert signed() == []  # there is no history yet
    for _ in range(2):
        with database.writing() as connection:
            send(connection, place, database.settings, RUBBISH, occurred_at=datetime.now(UTC))
        open_everywhere(database)
        sign_everywhere(database)
        assert signed() == [1]
    assert sign_everywhere in {job.work for job in JOBS}


def test_two_tasks_met_with_silence_at_once_do_not_go_to_the_same(database, place) -> None:
    """Nor does a case that stands still hold up another."""
    now, officer = datetime.now(UTC), "post:community_officer@community:c1"
    with database.writing() as connection:
        sent = send(connection, place, database.settings, RUBBISH, RUBBISH, occurred_at=now)
        broken, both = collect(connection, place, [[each] for each in sent], OFFICE)
        for case in (broken, both):
            make(connection, place, database.settings, case, "file", OFFICE)
            tasks = {"tasks": [{"recipient": MEMBER}, {"recipient": officer}]}
            make(connection, place, database.settings, case, "dispatch", OFFICE, details=tasks)
        connection.execute(sa.update(t.case_file).where(t.case_file.c.id == broken).values(head=b"other"))
    passed = pass_on_silent(database, place, now + timedelta(days=15))
    assert {case for case, _, _ in passed} == {both}
    assert len({to for _, _, to in passed}) == len(passed) >= 1


def test_the_service_does_both_within_a_minute() -> None:
    every = {job.work: job.at for job in JOBS if isinstance(job.at, timedelta)}
    assert max(every[open_everywhere], every[pass_on_everywhere]) <= timedelta(minutes=1)
