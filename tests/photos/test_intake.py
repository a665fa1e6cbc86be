"""Photos into a real PostgreSQL: once, at most nine, for good, and seen by whoever sees the report."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.database import tables as t
from gridmap.database.sessions import Database
from gridmap.errors import BadImage, BadInput, Conflict, NotFound
from gridmap.photos import intake, store
from gridmap.photos.developing import develop
from gridmap.photos.model import NewPhoto, Outcome
from gridmap.reports import store as reports
from tests.faces.conftest import TOWN
from tests.photos.pictures import file, stored_as, telling, upright

SENT = telling()
OTHER = file(stored_as(upright(), 3))


def add(database: Database, report: UUID, client_id: str = "a", body: bytes = SENT) -> Outcome:
    return intake.add(database, TOWN.code, NewPhoto(report, client_id, body, "account:wang"))


def rows(database: Database, report: UUID) -> list[sa.Row]:
    with database.reading() as connection:
        query = sa.select(t.photo).where(t.photo.c.report_id == report).order_by(t.photo.c.number)
        return list(connection.execute(query))


def test_what_is_stored(town, report) -> None:
    outcome = add(town, report)
    made = develop(SENT)
    (row,) = rows(town, report)
    assert outcome.status == "created"
    assert (row.id, row.number, row.sent_by) == (outcome.photo.id, 1, "account:wang")
    assert (bytes(row.body), bytes(row.small)) == (made.body, made.small)
    assert (outcome.photo.width, outcome.photo.height, outcome.photo.bytes) == (96, 64, len(made.body))
    with town.reading() as connection:
        occurred_at = reports.get(connection, TOWN.code, report).occurred_at
        assert store.photos(connection, report, occurred_at) == [outcome.photo]
        assert store.picture(connection, TOWN.code, outcome.photo.id, "full") == made.body
        assert store.picture(connection, TOWN.code, outcome.photo.id, "small") == made.small


def test_the_same_is_known_and_another_a_conflict(town, report, next_report) -> None:
    first = add(town, report)
    assert add(town, report) == Outcome("known", first.photo)
    with pytest.raises(Conflict) as refused:
        add(town, report, body=OTHER)
    assert refused.value.field == "client_id"
    assert add(town, report, "b", OTHER).status == "created"
    # of another report it is another photo, so that nothing of this one shows there
    assert add(town, next_report(), body=OTHER).status == "created"
    assert [row.client_id for row in rows(town, report)] == ["a", "b"]


def test_the_same_at_once_is_stored_once(town, report) -> None:
    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(lambda _: add(town, report), range(6)))
    assert sorted(outcome.status for outcome in outcomes) == ["created"] + ["known"] * 5
    assert len({outcome.photo for outcome in outcomes}) == len(rows(town, report)) == 1


def test_nine_and_no_more(town, report) -> None:
    def one(number: int) -> str:
        try:
            return add(town, report, f"p{number}").status
        except Conflict as error:
            return error.message

    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(one, range(12)))
    assert found.count("created") == 9
    assert sum("has 9 photos" in each for each in found) == 3
    assert [row.number for row in rows(town, report)] == list(range(1, 10))
    assert add(town, report, rows(town, report)[0].client_id).status == "known"


def test_nothing_of_a_refused_photo_is_stored(town, report) -> None:
    for client_id, body, error in (
        ("a", SENT[: len(SENT) // 2], BadImage),
        ("a", b"<html>", BadImage),
        ("", SENT, BadInput),
        ("x" * 129, SENT, BadInput),
        ("a\nb", SENT, BadInput),
    ):
        with pytest.raises(error):
            add(town, report, client_id, body)
    assert rows(town, report) == []


def test_only_of_a_report_that_there_is(town, report) -> None:
    with pytest.raises(NotFound):
        add(town, uuid4())
    with town.writing() as connection:
        areas.add_jurisdiction(connection, Jurisdiction("elsewhere", "别处"))
    with pytest.raises(NotFound):
        intake.add(town, "elsewhere", NewPhoto(report, "a", SENT, "x"))
    photo = add(town, report).photo
    with town.reading() as connection:
        for jurisdiction, id_ in (("elsewhere", photo.id), (TOWN.code, uuid4())):
            with pytest.raises(NotFound):
                store.picture(connection, jurisdiction, id_, "full")


@pytest.mark.parametrize("statement", ["UPDATE photo SET number = 2", "DELETE FROM photo", "TRUNCATE photo"])
def test_photos_are_kept(town, report, statement) -> None:
    add(town, report)
    with pytest.raises(sa.exc.IntegrityError, match="rows are kept"), town.writing() as connection:
        connection.execute(sa.text(statement))


def test_who_sees_the_report_sees_its_photos(town, report, next_report: Callable[[], UUID]) -> None:
    """As a role for which PostgreSQL shows one report alone, the store's own queries and a bare SELECT."""
    hidden = next_report()
    seen_photo, hidden_photo = add(town, report).photo, add(town, hidden).photo
    with town.engine.connect() as connection, connection.begin() as all_of_it:
        occurred_at = {id_: reports.get(connection, TOWN.code, id_).occurred_at for id_ in (report, hidden)}
        for statement in (
            "CREATE ROLE test_sight",
            "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO test_sight",
            "ALTER TABLE report ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY test_sight ON report TO test_sight USING (id = '{report}')",
            "SET LOCAL ROLE test_sight",
        ):
            connection.execute(sa.text(statement))
        assert store.picture(connection, TOWN.code, seen_photo.id, "small")
        with pytest.raises(NotFound):
            store.picture(connection, TOWN.code, hidden_photo.id, "small")
        assert store.photos(connection, report, occurred_at[report]) == [seen_photo]
        assert store.photos(connection, hidden, occurred_at[hidden]) == []
        assert connection.scalars(sa.select(t.photo.c.id)).all() == [seen_photo.id]
        made, sent = develop(OTHER), NewPhoto(hidden, "b", OTHER, "x")
        with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), connection.begin_nested():
            store.insert(connection, TOWN.code, uuid4(), occurred_at[hidden], 2, sent, b"", made)
        sent = NewPhoto(report, "b", OTHER, "x")
        store.insert(connection, TOWN.code, uuid4(), occurred_at[report], 2, sent, b"", made)
        all_of_it.rollback()
