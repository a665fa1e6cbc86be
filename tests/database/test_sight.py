"""What each role may see and do in the database itself, whatever is asked of it."""

# ruff: noqa: S608 -- the names of tables are from a list
from __future__ import annotations

import time
from dataclasses import replace
from importlib import import_module
from uuid import UUID

import numpy as np
import pytest
import sqlalchemy as sa

from gridmap.cases import moving, store
from gridmap.cases.correcting import correct_report
from gridmap.cases.intake import Opening
from gridmap.cases.model import Actor
from gridmap.database import copying, roles
from gridmap.database import tables as t
from gridmap.database.sessions import Database, make_engine
from gridmap.errors import Forbidden, NotFound
from gridmap.opening import open_gridmap
from gridmap.people import accounts, sight, signing
from gridmap.reports import handful, intake
from gridmap.reports.corrections import Change
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.counts.verifying import verify
from tests.database.seeing import DUTIES, TODAY, TOWN, at, by, refused, seen, settle
from tests.faces.conftest import SIDE, SOUTH, WEST

REPORTS = "SELECT client_id FROM report"
HALL = Actor("account:office", frozenset({"office"}))
OFFICE, ADMINISTRATOR = by(None, "office"), by(None, "administrator")
# seen by all: they say nothing of reports, cases and people
OPEN = {
    *("jurisdiction", "edition", "area", "area_version", "place", "place_past", "backdrop", "category"),
    *("post", "work_kind", "case_rules", "calendar_day", "sign_in_attempt"),
}
SIGNING_IN = {"account", "session", "token"}  # comes before anybody asks
TABLES = sorted(t.metadata.tables)


@pytest.fixture(scope="module")
def database(make_settings):
    with open_gridmap(make_settings()) as database:
        yield database


@pytest.fixture(scope="module")
def cases(database):
    return settle(database)


@pytest.fixture(scope="module")
def served(database, cases):
    """The same database, its service logging in itself, as on a server of gridmap's own."""
    with database.own.engine.begin() as connection:
        roles.let_in(connection)
    url = database.own.engine.url.render_as_string(hide_password=False)
    engine = make_engine(roles.login_as(url, roles.SERVICE))
    yield engine
    engine.dispose()


# -- nobody asks --


def shows(database: Database, table: str) -> bool:
    """Whether nobody sees a row of a table; to be refused is to see none."""
    with database.served.reading() as connection:
        if not connection.scalar(sa.text("SELECT has_table_privilege(:table, 'SELECT')"), {"table": table}):
            return False
        return bool(connection.scalar(sa.text(f"SELECT EXISTS (SELECT FROM {table})")))


@pytest.mark.parametrize("table", TABLES)
def test_of_nobody_nothing_is_seen(database: Database, cases, table: str) -> None:
    """A table that is new must be in one of the two lists, or hidden by a policy."""
    assert not shows(database, table) or table in OPEN | SIGNING_IN


@pytest.mark.parametrize("view", ["report_counts", "report_cells", "report_as_sent", "report_2023_06"])
def test_nor_by_a_view_or_a_partition(database: Database, cases, view: str) -> None:
    assert not shows(database, view)


def test_each_table_of_them_is_guarded_from_its_owner_too(database: Database) -> None:
    query = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
    with database.reading() as connection:
        guarded = set(connection.scalars(sa.text(query)))
    assert set(TABLES) - guarded == OPEN


def test_the_owner_sees_all_as_before(database: Database, cases) -> None:
    with database.reading() as connection:
        query = sa.text("SELECT jurisdiction, count(*) FROM report GROUP BY 1")
        assert dict(connection.execute(query).all()) == {"town": 95, "other": 95}


def test_who_asked_is_forgotten_with_the_transaction(database: Database, cases) -> None:
    assert seen(database, OFFICE, REPORTS)
    for _ in range(3):
        assert seen(database, None, REPORTS) == set()


# -- sight --

KINDS = ("grid", "community", "compound", "building")
PLACED = sa.text(
    """
    SELECT r.client_id, c.private, g.code AS grid, m.code AS community, p.code AS compound, b.code AS building
    FROM report r JOIN category c ON c.code = r.category
    LEFT JOIN area_version g ON g.id = r.grid_version LEFT JOIN area_version m ON m.id = r.community_version
    LEFT JOIN area_version p ON p.id = r.compound_version
    LEFT JOIN area_version b ON b.id = r.building_version
    WHERE r.jurisdiction = 'town'
    """
)


@pytest.mark.parametrize("person", [*DUTIES, "nobody"])
def test_sight_is_what_python_says(database: Database, cases, person: str) -> None:
    handled = {"justice": {"dispute in G01"}, "property": {"building in G23"}, "member": {"dispute in G00"}}
    with database.reading() as connection:
        of = sight.of(connection, "town", ["member"], person, TODAY)
        expected = {
            row.client_id
            for row in connection.execute(PLACED)
            if not row.private and of.sees({kind: getattr(row, kind) for kind in KINDS})
        }
    assert seen(database, by(person), REPORTS) == expected | handled.get(person, set())
    everything = {"town_hall"}
    assert bool(expected) == (person not in ("nobody", "retired", "to_come"))
    assert (len(expected) == 93) == (person in everything)


@pytest.mark.parametrize("asker", [OFFICE, ADMINISTRATOR], ids=["office", "administrator"])
def test_the_office_sees_the_jurisdiction_and_no_other(database: Database, cases, asker) -> None:
    assert len(seen(database, asker, REPORTS)) == 95
    for table in ("report", "case_file", "case_move", "work", "person", "duty", "party", "report_count",
                  "report_delta", "case_notice", "case_report"):  # fmt: skip
        assert seen(database, asker, f"SELECT DISTINCT jurisdiction FROM {table}") <= {"town"}
    theirs = by(None, "office", jurisdiction="other")
    assert seen(database, theirs, "SELECT DISTINCT jurisdiction FROM report") == {"other"}


def test_two_roles_are_both(database: Database, cases) -> None:
    assert len(seen(database, by("member", "member", "office"), REPORTS)) == 95


@pytest.mark.parametrize(
    ("asker", "found"),
    [
        (
            OFFICE,
            {"dispute in G00", "dispute in G01", "building in G00", "building in G23", "in the building"},
        ),
        (by("member"), {"dispute in G00", "building in G00", "in the building"}),
        (by("neighbour"), set()),
        (by("justice"), {"dispute in G01", "building in G23"}),
        (by("property"), {"building in G00", "in the building", "building in G23"}),
        (by("town_hall"), {"building in G00", "building in G23", "in the building"}),
        (by("chief"), {"in the building"}),
        (by("retired"), set()),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_cases_are_seen_where_they_lie_and_by_those_who_handle_them(database, cases, asker, found) -> None:
    names = {id_: name for name, id_ in cases.items()}
    ids = seen(database, asker, "SELECT id FROM case_file")
    assert {names[id_] for id_ in ids} == found
    for table in ("case_move", "case_report", "case_notice"):
        assert seen(database, asker, f"SELECT case_id FROM {table}") == ids


def test_a_private_case_stays_with_those_who_ever_had_it(database: Database, cases) -> None:
    case = cases["dispute in G00"]
    member = Actor("account:member", frozenset({"member"}), frozenset({"post:grid_member@grid:G00"}))
    tasks = {"tasks": [{"recipient": "party:justice"}]}
    with database.writing() as connection:
        moving.make(connection, TOWN, database.settings, case, "return", member, reason="错派")
        moving.make(connection, TOWN, database.settings, case, "dispatch", HALL, details=tasks)
    for person in ("justice", "member"):
        assert case in seen(database, by(person), "SELECT id FROM case_file")
    assert case not in seen(database, by("neighbour"), "SELECT id FROM case_file")


COUNTED = "SELECT DISTINCT v.code FROM report_counts c JOIN area_version v ON v.id = c.grid_version"


def test_counts_are_of_the_own_grids_and_say_nothing_of_private_ones(database: Database, cases) -> None:
    private = "SELECT count(*) FROM {} WHERE category = 'local-dispute'"
    assert seen(database, by("member"), COUNTED) == {"G00"}
    assert seen(database, by("community"), COUNTED) == {f"G1{column}" for column in range(4)}
    assert len(seen(database, by("town_hall"), COUNTED)) == 12
    for person in ("member", "neighbour", "community", "justice", "town_hall"):
        assert seen(database, by(person), private.format("report_counts")) == {0}
        assert seen(database, by(person), private.format("report_cells")) == {0}
    own = "SELECT sum(reports)::int FROM {}"
    located = seen(database, by("member"), "SELECT count(*) FROM report WHERE category <> 'local-dispute'")
    assert seen(database, by("member"), own.format("report_cells")) == located
    assert seen(database, by("member"), own.format("report_counts")) == located


def test_people_are_shown_to_those_who_work_there(database: Database, cases) -> None:
    for table in ("person", "duty", "party"):
        assert seen(database, by("retired"), f"SELECT DISTINCT jurisdiction FROM {table}") == {"town"}
        assert seen(database, None, f"SELECT count(*) FROM {table}") == {0}


def test_work_is_seen_in_the_own_grids_and_by_who_did_it(database: Database, cases) -> None:
    works = "SELECT client_id FROM work"
    new = (
        "INSERT INTO work (id, jurisdiction, client_id, kind, quantity, occurred_on, body_sha256)"
        " VALUES (gen_random_uuid(), '{}', 'w', 'advert_removed', 1, '2023-06-01', '') RETURNING id"
    )
    assert len(seen(database, OFFICE, works)) == 2
    assert len(seen(database, by("member"), works)) == 1
    with database.asked_by(by("community")).writing() as connection:
        connection.execute(sa.text(new.format("town"))).one()
        refused(connection, new.format("other"), "row-level security")
    assert seen(database, by("community"), works) == {"w"}
    assert "w" not in seen(database, by("member"), works)
    assert seen(database, OFFICE, "SELECT recorded_by FROM work WHERE client_id = 'w'") == {
        "account:community"
    }


# -- what each may do --


RIGHTS = sa.text(
    """
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p', 'v') AND relnamespace = 'public'::regnamespace
      AND relname NOT LIKE 'procrastinate%'
      AND (has_table_privilege(:role, oid, :kind)
           OR :kind = 'UPDATE' AND has_any_column_privilege(:role, oid, 'UPDATE'))
    """
)


def rights(database: Database, role: str, *kinds: str) -> set[str]:
    """The tables in which a role may do one of these."""
    with database.reading() as connection:
        return {name for kind in kinds for name in connection.scalars(RIGHTS, {"role": role, "kind": kind})}


def test_nothing_is_deleted_and_little_changed(database: Database) -> None:
    gone = ("DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
    assert rights(database, roles.LOADER, *gone, "UPDATE") == set()
    assert rights(database, roles.LOADER, "INSERT") == {
        *("report", "report_key", "report_delta", "report_import", "category"),
        *("case_file", "case_move", "case_report", "case_notice", "work", "work_report"),
    }
    assert rights(database, roles.SERVICE, *gone) == {"sign_in_attempt"}  # forgotten after a sign-in
    assert rights(database, roles.SERVICE, "UPDATE") == {
        *("account", "case_file", "duty", "party", "person", "session", "sign_in_attempt", "token"),
        *("report", "report_cut"),
    }
    with database.reading() as connection:
        for role in roles.ROLES:
            owned = "SELECT count(*) FROM pg_class WHERE relowner = CAST(:role AS regrole)"
            assert connection.scalar(sa.text(owned), {"role": role}) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_move SET reason = 'x'",
        "DELETE FROM case_move",
        "UPDATE report SET description = 'x'",
        "DELETE FROM report",
        "DELETE FROM case_file",
        "UPDATE case_file SET opened_at = now()",
        "UPDATE case_notice SET kind = 'closed'",
        "DELETE FROM people_change",
        "UPDATE people_change SET recorded_by = 'x'",
        "INSERT INTO report_key VALUES ('town', 'x', gen_random_uuid(), now(), '')",
        "UPDATE report_count SET reports = 0",
        "TRUNCATE case_move",
        "ALTER TABLE report DISABLE ROW LEVEL SECURITY",
        "DROP POLICY seen ON report",
        "CREATE FUNCTION sight() RETURNS bigint[] LANGUAGE sql AS 'SELECT ARRAY[-1::bigint]'",
    ],
)
def test_history_is_not_the_services_to_change(database: Database, cases, statement: str) -> None:
    with database.asked_by(ADMINISTRATOR).writing() as connection:
        refused(connection, statement, "permission denied|must be owner")


def test_a_member_moves_their_own_case_only(database: Database, cases) -> None:
    mine = database.asked_by(by("member"))
    actor = Actor("account:member", frozenset({"member"}), frozenset({"post:grid_member@grid:G00"}))
    with mine.writing() as connection:
        how = {"actor": actor, "reason": "已处理"}
        moved = moving.make(connection, TOWN, mine.settings, cases["in the building"], "self_handle", **how)
        assert moved.state == "answered"
        with pytest.raises(NotFound):
            moving.make(connection, TOWN, mine.settings, cases["building in G23"], "self_handle", **how)
        left = connection.execute(t.case_file.update().values(supervised=False))
        assert left.rowcount == len(seen(database, by("member"), "SELECT id FROM case_file"))


def test_cases_of_a_recipient_are_found(database: Database, cases) -> None:
    for asker, found in ((by("property"), 1), (by("neighbour"), 0), (OFFICE, 1)):
        with database.asked_by(asker).reading() as connection:
            rows = store.cases(connection, "town", store.Filter(recipients=("party:co",)))
            assert len(rows) == found


def test_the_loader_adds_and_the_cases_open(database: Database, cases) -> None:
    desk = handful.Desk(database.adding, then=Opening())
    new = [at(0, 0, "local-dispute", "new dispute"), at(2, 0, "matter-06011", "new rubbish")]
    assert [o.status for o in handful.record(desk, TOWN, new)] == ["created", "created"]
    assert [o.status for o in handful.record(desk, TOWN, new)] == ["known", "known"]  # the long way in
    first = at(1, 1, "matter-06011", "new month")
    moved = replace(first, occurred_at=first.occurred_at.replace(year=2019))
    assert [o.status for o in handful.record(desk, TOWN, [moved, *new])] == ["created", "known", "known"]
    with database.adding.writing() as connection:
        for statement in (
            *("UPDATE report SET description = ''", "DELETE FROM report_key", "SELECT * FROM person"),
            *("SELECT * FROM report_count", "UPDATE case_file SET state = 'closed'"),
        ):
            refused(connection, statement)


def test_who_sends_a_report_sees_it_wherever_it_lies(database: Database, cases) -> None:
    """By the short way in and by the long one; not its case, and none that says the same of another's. They
    change nothing of it, and see it no longer than they hold a post."""
    desk, sender = handful.Desk(database.adding, then=Opening()), by("neighbour")
    before = seen(database, sender, REPORTS)
    away = replace(at(3, 2, "matter-06001", "sent from away"), sent_by="neighbour")
    private = replace(at(3, 2, "local-dispute", "a dispute sent from away"), sent_by="neighbour")
    assert [o.status for o in handful.record(desk, TOWN, [away])] == ["created"]
    assert [o.status for o in handful.record(desk, TOWN, [away, private])] == ["known", "created"]
    mine = {"sent from away", "a dispute sent from away"}
    assert seen(database, sender, REPORTS) == before | mine
    known = replace(at(0, 2, "matter-06011", "from another"), sent_by="member")
    assert [o.status for o in handful.record(desk, TOWN, [known])] == ["created"]
    assert [o.status for o in handful.record(desk, TOWN, [replace(known, sent_by="neighbour")])] == ["known"]
    for other in (by("member"), by("community"), by("neighbour", "member", jurisdiction="other")):
        assert not mine & seen(database, other, REPORTS)
    assert seen(database, sender, REPORTS) == before | mine
    of_it = "SELECT l.case_id FROM case_report l JOIN report r ON r.id = l.report_id WHERE r.client_id = :id"
    assert len(seen(database, OFFICE, of_it, id="a dispute sent from away")) == 1
    assert seen(database, sender, of_it, id="a dispute sent from away") == set()
    (id_,) = seen(database, sender, "SELECT id FROM report WHERE client_id = 'sent from away'")
    neighbour = Actor(sender.name, frozenset({"member"}), frozenset({"post:grid_member@grid:G01"}))
    change = Change(category="matter-06011")
    with database.asked_by(sender).writing() as connection, pytest.raises(Forbidden):
        correct_report(connection, TOWN, database.settings, id_, change, neighbour, reason="x")
    gone = replace(at(3, 2, "matter-06011", "sent before retiring"), sent_by="retired")
    assert [o.status for o in handful.record(desk, TOWN, [gone])] == ["created"]
    assert seen(database, by("retired"), REPORTS) == set()


def test_what_somebody_sent_is_shown_for_a_month(database: Database, cases, monkeypatch) -> None:
    """By the time in its id."""
    desk, now = handful.Desk(database.adding, then=Opening()), time.time()
    for days in (29, 31):
        monkeypatch.setattr(intake.time, "time", lambda days=days: now - days * 86_400)
        new = replace(at(3, 2, "matter-06001", f"{days} days ago"), sent_by="neighbour")
        assert [o.status for o in handful.record(desk, TOWN, [new])] == ["created"]
    monkeypatch.undo()
    shown = seen(database, by("neighbour"), REPORTS)
    assert "29 days ago" in shown
    assert "31 days ago" not in shown


# -- getting out --


@pytest.mark.parametrize(
    "statement",
    ["SET ROLE NONE", "RESET ROLE", "SET SESSION AUTHORIZATION DEFAULT", "RESET SESSION AUTHORIZATION",
     "SET row_security = off", "DISCARD ALL"],
)  # fmt: skip
def test_who_logs_in_as_the_service_stays_the_service(served, cases, statement: str) -> None:
    with served.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(statement))
        assert connection.scalar(sa.text("SELECT current_user::text")) == roles.SERVICE
        if "row_security" in statement:  # then it is refused what it may not see all of
            with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
                connection.execute(sa.text(REPORTS))
        else:
            assert connection.execute(sa.text(REPORTS)).all() == []


@pytest.mark.parametrize(
    "statement", ["SET ROLE gridmap", "SET SESSION AUTHORIZATION gridmap", "SET ROLE gridmap_loader"]
)
def test_and_becomes_nobody_else(served, statement: str) -> None:
    with served.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        connection.execute(sa.text(statement))


def test_where_its_login_acts_as_the_service_only_the_login_can_be_more(database: Database, cases) -> None:
    """On a server of the user's own: RESET leads back to the service, SET ROLE NONE would to the owner."""
    with database.served.reading() as connection:
        connection.execute(sa.text("RESET ROLE"))
        assert connection.execute(sa.text("SELECT current_user::text, session_user::text")).one() == (
            roles.SERVICE,
            "gridmap",
        )


# -- signing in --


PASSWORD = "一个很长的密码 2023"


def test_signing_in_needs_nobody_and_shows_each_their_own(database: Database, cases) -> None:
    with database.writing() as connection:
        for login, role, person in (("member", "member", "member"), ("office", "office", None)):
            how = {"roles": [role], "person": person, "password": PASSWORD, "by": "tests"}
            accounts.add(connection, TOWN, login, **how)
    done = signing.sign_in(database.served, "member", PASSWORD, "1.2.3.4")
    assert done.account.login == "member"
    logins = "SELECT login FROM account"
    assert seen(database, by("member"), logins) == {"member"}
    assert seen(database, OFFICE, logins) == {"member", "office"}
    assert seen(database, by(None, "office", jurisdiction="other"), logins) == set()
    assert len(seen(database, by("member"), "SELECT sha256 FROM session")) == 1
    assert seen(database, by("neighbour"), "SELECT sha256 FROM session") == set()
    with database.asked_by(by("member")).writing() as connection:
        promoted = connection.execute(t.account.update().values(roles=["administrator"]))
        assert promoted.rowcount == 0


def test_before_postgresql_15_a_view_is_asked_with_the_askers_rights_too(database: Database, cases) -> None:
    sight = import_module("gridmap.database.migrations.versions.0010_sight")
    query = sight.VIEWS["report_counts"]
    columns = query.split("FROM")[0].replace("SELECT", "")
    with database.writing() as connection:
        for statement in sight.by_function("old_counts", query, columns):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(f"GRANT SELECT ON old_counts TO {roles.SERVICE}"))
    for asker in (by("neighbour"), OFFICE, None):
        old, new = (
            seen(database, asker, f"SELECT (c)::text FROM {view} c")
            for view in ("old_counts", "report_counts")
        )
        assert old == new
    assert seen(database, None, "SELECT count(*) FROM old_counts") == {0}
    assert seen(database, by("neighbour"), "SELECT count(*) > 0 FROM old_counts") == {True}
    with database.writing() as connection:
        connection.execute(sa.text("DROP VIEW old_counts; DROP FUNCTION old_counts_of_asker"))


# -- corrections --


def test_a_report_can_be_corrected_out_of_sight_and_only_by_a_correction(database: Database, cases) -> None:
    mine = database.asked_by(by("member"))
    (report,) = seen(database, OFFICE, "SELECT id FROM report WHERE client_id = 'building in G00'")
    actor = Actor("account:member", frozenset({"member"}), frozenset({"post:grid_member@grid:G00"}))
    there = Change(lon=WEST + 1.5 * SIDE, lat=SOUTH + 0.5 * SIDE, datum="wgs84")
    delta = (
        "INSERT INTO report_delta (jurisdiction, month, grid_version, community_version, category, method,"
        " reports, near_edge) VALUES ('town', '2023-06-01', 0, 0, 'matter-06001', 'covers', 1, 0)"
    )
    with mine.writing() as connection:
        refused(connection, delta, "row-level security")
        done = correct_report(connection, TOWN, mine.settings, report, there, actor, reason="在隔壁网格")
    assert done.after.placement.grid.code == "G01"
    case = cases["building in G00"]
    assert report not in seen(database, by("member"), "SELECT id FROM report")
    assert case not in seen(database, by("member"), "SELECT id FROM case_file")
    assert report in seen(database, by("neighbour"), "SELECT id FROM report")
    assert case in seen(database, by("neighbour"), "SELECT id FROM case_file")
    with mine.writing() as connection, pytest.raises(NotFound):
        correct_report(connection, TOWN, mine.settings, report, there, actor, reason="再改")
    fold(database)
    with database.reading() as connection:
        assert [v for v in verify(connection, TOWN, database.settings) if not v.right] == []


def test_a_query_in_one_journey_shows_what_a_transaction_shows(database: Database, cases) -> None:
    """Each asker in turn over the same connections, somebody unknown among them, and nothing is written."""
    query = "SELECT '', array_agg(id) FROM report HAVING count(*) > 0"
    shown = {}
    for name, asker in {"office": OFFICE, "member": by("member"), "nobody": None}.items():
        with database.asked_by(asker).asking() as connection:
            found = copying.fetch_arrays(connection, query, {}, {"id": "V16"}).get("", {"id": np.array([])})
            shown[name] = {UUID(bytes=bytes(id_)) for id_ in found["id"]}
        assert shown[name] == seen(database, asker, "SELECT id FROM report")
    assert shown["office"] > shown["member"] > shown["nobody"] == set()
    insert = "INSERT INTO sign_in_attempt DEFAULT VALUES RETURNING 1"
    written = f"WITH made AS ({insert}) SELECT '', ARRAY[1] FROM made"
    with (
        database.asked_by(OFFICE).asking() as connection,
        pytest.raises(sa.exc.DBAPIError, match="read-only transaction"),
    ):
        copying.fetch_arrays(connection, written, {}, {"a": "i4"})
