"""The job of making and publishing a month's bulletin: asked for, due by itself, and done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.bulletin.archive import store as archive
from gridmap.bulletin.archive.publishing import publish
from gridmap.bulletin.packing.checking import check
from gridmap.bulletin.packing.model import Package, Progress
from gridmap.database.sessions import Database, make_engine
from gridmap.errors import NotFound
from gridmap.jobs import queue, store
from gridmap.jobs.apart import apart
from gridmap.jobs.model import Job
from gridmap.settings import Settings
from gridmap.statistics.counts import store as counts
from gridmap.statistics.months import next_month, parse_month

KIND = "bulletin"
BY_ITSELF = "gridmap"  # who publishes what nobody asked for
AGAIN = timedelta(days=1)  # after one that failed or was cancelled, by itself
CONNECTIONS = 3  # of the process that makes one


def asked_for(month: date, lang: str) -> dict[str, str]:
    return {"month": f"{month:%Y-%m}", "lang": lang}


def ask(connection: Connection, jurisdiction: Jurisdiction, month: date, lang: str, by: str) -> Job:
    """Ask for the bulletin of a month to be made and published. Raises as bulletin.packing.checking.check."""
    check(connection, jurisdiction, month, lang)
    return queue.ask(connection, KIND, jurisdiction, asked_for(month, lang), by)


def ask_what_is_due(database: Database, now: datetime | None = None) -> list[Job]:
    """Ask for last month's bulletin of each jurisdiction that has none yet, on whichever day of the month.

    Months without any report are passed over: nobody wants a bulletin of nothing unless they ask for it.
    """
    moment = now or datetime.now(UTC)
    asked = []
    with database.reading() as connection:
        known = areas.jurisdictions(connection)
        due = [(each, month) for each in known if (month := _due(connection, each, moment))]
    for jurisdiction, month in due:
        with database.writing() as connection:
            asked.append(queue.ask(connection, KIND, jurisdiction, asked_for(month, "zh"), BY_ITSELF))
    return asked


def _due(connection: Connection, jurisdiction: Jurisdiction, moment: datetime) -> date | None:
    month = next_month(moment.astimezone(jurisdiction.zone).date().replace(day=1), -1)
    if month not in {of for of, _ in counts.months(connection, jurisdiction.code)}:
        return None
    if archive.find(connection, jurisdiction.code, month, "zh") is not None:
        return None
    if store.last(connection, KIND, jurisdiction.code, asked_for(month, "zh"), since=moment - AGAIN):
        return None
    try:
        check(connection, jurisdiction, month, "zh")
    except NotFound:
        return None
    return month


def run(
    database: Database,
    job: Job,
    *,
    progress: Callable[[int, int, str], None],
    should_end: Callable[[], bool],
) -> dict[str, Any]:
    """Make it in a process of its own, publish it in one transaction. -> what came of it."""
    month, lang = parse_month(job.asked["month"]), job.asked["lang"]
    url = database.engine.url.render_as_string(hide_password=False)
    settings = database.settings.model_copy(update={"database_url": url})
    made = apart(_package, settings, job.jurisdiction, month, lang, hear=progress, should_end=should_end)
    with database.writing() as connection:
        bulletin, new = publish(connection, made, job.asked_by)
    return {**asked_for(bulletin.month, bulletin.lang), "number": bulletin.number, "new": new}


def _package(settings: Settings, code: str, month: date, lang: str, say: Progress) -> Package:
    from gridmap.bulletin.packing.making import package  # libraries that only this process needs

    assert settings.database_url is not None
    engine = make_engine(settings.database_url, connections=CONNECTIONS)
    try:
        database = Database(engine, settings)
        with database.reading() as connection:
            jurisdiction = areas.jurisdiction(connection, code)
        return package(database, jurisdiction, month, lang=lang, progress=say)
    finally:
        engine.dispose()
