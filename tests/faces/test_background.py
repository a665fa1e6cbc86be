"""What a service does by itself is done by one process, goes on in another, and outlives a failure."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from structlog.testing import capture_logs

from gridmap.database import tables as t
from gridmap.faces import background
from gridmap.faces.background import Job, work_alone
from gridmap.opening import open_gridmap
from gridmap.reports.intake import record
from gridmap.statistics.counts.folding import fold
from tests.faces.conftest import REPORTS, TOWN, draft, populated
from tests.faces.test_service import eventually
from tests.recount import contradictions

TICK = 0.02
CHINA = ZoneInfo("Asia/Shanghai")


class Clock:
    """A day passes at every look."""

    def __init__(self):
        self.moment = datetime(2024, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(days=1)
        return self.moment


def begin(database, work) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    jobs = [Job("job", time(3, 10), work)]
    options = {"jobs": jobs, "now": Clock(), "retry_seconds": TICK}
    thread = threading.Thread(target=work_alone, args=(database, stop), kwargs=options)
    thread.start()
    return thread, stop


def test_a_job_is_due_at_its_local_time():
    job = Job("job", time(3, 10), lambda database: None)
    before = datetime(2024, 5, 1, 3, 9, tzinfo=CHINA)
    assert job.following(before.astimezone(UTC), CHINA) == before.replace(minute=10)
    at = before.replace(minute=10)
    assert job.following(at, CHINA) == at + timedelta(days=1)


def test_one_of_two_processes_works_and_the_other_takes_over(database):
    turns: list[str] = []
    with open_gridmap(database.settings) as other:
        first = begin(database, lambda _: turns.append("first"))
        eventually(lambda: "first" in turns)
        second = begin(other, lambda _: turns.append("second"))
        seen = len(turns)
        eventually(lambda: len(turns) > seen + 20)
        assert set(turns) == {"first"}
        first[1].set()
        first[0].join()
        eventually(lambda: "second" in turns)
        second[1].set()
        second[0].join()


def test_it_goes_on_after_a_failing_job_and_a_lost_connection(database):
    turns: list[int] = []

    def work(_) -> None:
        turns.append(1)
        if len(turns) == 1:
            raise RuntimeError("torn")

    with capture_logs() as logs:
        thread, stop = begin(database, work)
        eventually(lambda: len(turns) > 1)
        cut = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        with database.writing() as connection:
            assert connection.scalar(cut)
        eventually(lambda: any(each["event"] == "background" and "error" in each for each in logs))
        seen = len(turns)
        eventually(lambda: len(turns) > seen)
        stop.set()
        thread.join()
    assert any(each.get("job") == "job" and each["log_level"] == "error" for each in logs)


def test_what_was_counted_is_folded_every_minute_and_nothing_is_lost(make_settings):
    assert [job.at for job in background.JOBS if job.work is fold] == [timedelta(minutes=1)]
    with open_gridmap(populated(make_settings)) as database:

        def left() -> tuple[int, int]:
            sums = (sa.select(sa.func.coalesce(sa.func.sum(kind.c.reports), 0)) for kind in (deltas, counts))
            with database.reading() as connection:
                return tuple(int(connection.execute(each).scalar_one()) for each in sums)

        deltas, counts = t.report_delta, t.report_count
        assert left() == (REPORTS, 0)
        thread, stop = begin(database, fold)
        eventually(lambda: left() == (0, REPORTS))
        again = [replace(draft(number), client_id=f"again-{number}") for number in range(REPORTS)]
        record(database, TOWN, again)
        eventually(lambda: left() == (0, 2 * REPORTS))
        stop.set()
        thread.join()
        with database.reading() as connection:
            assert contradictions(connection) == {}


def test_the_night_finds_a_corrupted_placement_and_says_so(make_settings):
    with open_gridmap(populated(make_settings)) as database:
        with capture_logs() as logs:
            background.nightly_audit(database)
        assert [(each["log_level"], each["differing"]) for each in logs] == [("info", 0)]
        with database.writing() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # past the triggers
            one = sa.select(t.report.c.id).limit(1).scalar_subquery()
            lost = t.report.update().where(t.report.c.id == one).values(community_version=None)
            id_ = connection.execute(lost.returning(t.report.c.id)).scalar_one()
        with capture_logs() as logs:
            background.nightly_audit(database)
        assert [each["log_level"] for each in logs] == ["error", "error"]
        assert logs[0]["report"] == str(id_)
        assert logs[1]["differing"] == 1
