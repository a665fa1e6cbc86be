"""What a jurisdiction goes by: its rules, loaded or shipped, and its calendar."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases.calendars import Calendar, calendar, parse_exceptions, shipped
from gridmap.cases.local import store
from gridmap.cases.rules import COLUMNS, Rules, doubts, kind_of, rules_of
from gridmap.errors import BadFile
from gridmap.people import store as people
from gridmap.reports import store as reports
from gridmap.settings import Settings


@dataclass(frozen=True, slots=True)
class Local:
    rules: Rules
    calendar: Calendar


def local(connection: Connection, jurisdiction: Jurisdiction, settings: Settings) -> Local:
    """Rules and calendar as this transaction sees them."""
    return Local(rules(connection, jurisdiction.code), working_days(connection, jurisdiction, settings))


def rules(connection: Connection, jurisdiction: str) -> Rules:
    """Of each kind the file loaded last, else the shipped one."""
    loaded = store.rules(connection, jurisdiction)
    texts = {kind: content for kind, (content, _) in loaded.items()}
    return rules_of(texts, {kind: sha256 for kind, (_, sha256) in loaded.items()})


def working_days(connection: Connection, jurisdiction: Jurisdiction, settings: Settings) -> Calendar:
    """The shipped notices, and those that the jurisdiction brought."""
    own = store.days(connection, jurisdiction.code)
    return calendar(jurisdiction.zone, settings.office_hours, shipped(), own)


def check_rules(connection: Connection, jurisdiction: str, text: str) -> tuple[str, list[str]]:
    """The kind of a file of rules, and what is doubtful about it together with the other rules in force.

    Raises BadFile with the line for what cannot be read.
    """
    kind = kind_of(text)
    loaded = {k: content for k, (content, _) in store.rules(connection, jurisdiction).items()}
    made = rules_of({**loaded, kind: text}, {})
    known = {each.code: each.private for each in reports.categories(connection, jurisdiction)}
    posts = [post.code for post in people.posts(connection).values() if post.chain is not None]
    parties = [party.code for party in people.parties(connection, jurisdiction)]
    return kind, doubts(made, known, posts, parties)


def load_rules(connection: Connection, jurisdiction: str, text: str, file_name: str, by: str) -> str:
    """Put a file of rules in force; -> its kind. What the same file is already is not loaded again.

    Raises BadFile for what cannot be read, and for the first thing that is doubtful.
    """
    kind, said = check_rules(connection, jurisdiction, text)
    if said:
        raise BadFile(f"{said[0]}; {len(said)} doubts in all, see gridmap dispatch check", field="file")
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    if store.rules(connection, jurisdiction).get(kind, ("", ""))[1] != sha256:
        store.add_rules(connection, jurisdiction, kind, file_name, sha256, text, by)
    return kind


def load_days(connection: Connection, jurisdiction: str, text: str, by: str) -> dict[int, int]:
    """Put notices of holidays in force, each in place of an earlier one for its year; -> year -> days.

    Raises BadFile as `parse_exceptions`.
    """
    found = parse_exceptions(text)
    if not found:
        raise BadFile("has no days", field="file")
    years = {each.year: sum(e.year == each.year for e in found) for each in found}
    store.replace_days(connection, jurisdiction, found, by)
    return years


__all__ = [
    "COLUMNS",
    "Local",
    "check_rules",
    "load_days",
    "load_rules",
    "local",
    "rules",
    "working_days",
]
