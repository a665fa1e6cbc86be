"""What a service does by itself, each day or minute: by one process of all those that serve one database.

That one has an advisory lock; when it ends, whatever ends it, another has it within RETRY_SECONDS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from threading import Event
from zoneinfo import ZoneInfo

import sqlalchemy.exc
import structlog

from gridmap.areas import store as areas
from gridmap.cases.chores import open_everywhere, pass_on_everywhere, sign_everywhere
from gridmap.database.months import make_ahead
from gridmap.database.sessions import Database
from gridmap.database.turns import sole
from gridmap.jobs.bulletins import ask_what_is_due
from gridmap.people.signing import sweep
from gridmap.reports.audit import audit
from gridmap.statistics.counts.folding import fold

log = structlog.get_logger()

LOCK = "gridmap: background"
RETRY_SECONDS = 20.0
SHOWN = 20  # differences that are written to the log, of one night and jurisdiction


@dataclass(frozen=True, slots=True)
class Job:
    """What is done every day `at` a time of the settings' zone, or again and again after a while."""

    name: str
    at: time | timedelta
    work: Callable[[Database], object]

    def following(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """When it is next due after a moment."""
        if isinstance(self.at, timedelta):
            return moment + self.at
        local = moment.astimezone(zone)
        due = datetime.combine(local.date(), self.at, zone)
        return due if due > local else datetime.combine(local.date() + timedelta(days=1), self.at, zone)


def next_months(database: Database) -> None:
    """The partitions of the months to come."""
    with database.writing() as connection:
        make_ahead(connection, datetime.now(UTC).date())


def nightly_audit(database: Database) -> None:
    """Every placement against SQL; what differs is an error in the log."""
    with database.reading() as connection:
        known = areas.jurisdictions(connection)
    for jurisdiction in known:
        found = audit(database, jurisdiction)
        first = list(islice(found, SHOWN))
        for each in first:
            log.error(
                "placement differs from SQL",
                jurisdiction=jurisdiction.code,
                report=str(each.id),
                stored=each.stored,
                judged=each.judged,
            )
        differing = len(first) + sum(1 for _ in found)
        say = log.error if differing else log.info
        say("audited placements", jurisdiction=jurisdiction.code, differing=differing)


JOBS = (
    Job("months", time(3, 0), next_months),
    Job("audit", time(3, 10), nightly_audit),
    Job("sweep", time(3, 20), sweep),
    Job("checkpoint", timedelta(hours=1), sign_everywhere),  # once a day, whenever the service is up
    Job("cases", timedelta(seconds=20), open_everywhere),
    Job("silence", timedelta(minutes=1), pass_on_everywhere),
    Job("fold", timedelta(minutes=1), fold),
    Job("bulletins", timedelta(minutes=10), ask_what_is_due),
)


def work_alone(
    database: Database,
    stop: Event,
    *,
    jobs: Sequence[Job] = JOBS,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    retry_seconds: float = RETRY_SECONDS,
) -> None:
    """Do the jobs when they are due, until `stop` is set, while no other process does. Runs in a thread."""
    while not stop.is_set():
        try:
            with sole(database.engine, LOCK) as make_sure:
                if make_sure:
                    _work(database, stop, jobs, now, retry_seconds, make_sure)
        except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
            if not stop.is_set():
                log.warning("background", error=type(error).__name__)
        stop.wait(retry_seconds)


def _work(
    database: Database,
    stop: Event,
    jobs: Sequence[Job],
    now: Callable[[], datetime],
    tick_seconds: float,
    make_sure: Callable[[], None],
) -> None:
    zone = ZoneInfo(database.settings.time_zone)
    due = {job: job.following(now(), zone) for job in jobs}
    while not stop.wait(tick_seconds):
        make_sure()
        for job in jobs:
            if now() < due[job]:
                continue
            due[job] = job.following(now(), zone)
            try:
                job.work(database)
            except Exception:
                if stop.is_set():
                    return
                log.exception("background", job=job.name)
