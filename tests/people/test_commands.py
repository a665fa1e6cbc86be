"""`gridmap people …`, `duties …`, `parties …`, `account …` and `token …` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cli import app
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, Conflict, NotFound
from gridmap.opening import open_gridmap
from gridmap.people import signing, tokens
from tests.people.conftest import load_district

RUN = CliRunner()
DUTIES = "person,post,area_code,valid_from\np1,grid_chief,g1,2023-01-01\np2,unit_chief,b1-2,2023-01-01\n"
PASSWORD = "延河 bridge 42 lamps"


@pytest.fixture(scope="module")
def district(make_settings, tmp_path_factory):

    with open_gridmap(make_settings()) as database:
        with database.writing() as connection:
            town = Jurisdiction("test", "测试街道")
            areas.add_jurisdiction(connection, town)
            load_district(connection, town, tmp_path_factory.mktemp("areas"))
        yield database


@pytest.fixture
def run(district: Database, monkeypatch: pytest.MonkeyPatch):
    """run(words…, input=…) -> standard output."""
    assert district.settings.database_url
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", district.settings.database_url)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object, input: str | None = None) -> str:
        result = RUN.invoke(app, [str(word) for word in words], input=input, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def test_duties_of_a_town(run, tmp_path: Path) -> None:
    file = tmp_path / "duties.csv"
    file.write_text(DUTIES)
    assert "2 added" in run("duties", "import", file)
    again = json.loads(run("duties", "import", file, "--json"))
    assert (again["added"], again["unchanged"]) == (0, 2)
    assert "示例p1" in run("duties", "list", "--post", "网格长")
    assert [v["code"] for v in json.loads(run("duties", "vacancies", "grid_chief", "--json"))] == ["g2"]
    assert "1号楼1单元" in run("duties", "vacancies", "单元长")
    (one,) = json.loads(run("duties", "list", "--person", "p1", "--json"))
    moved = run("duties", "move", one["id"], "g2", "--day", "2024-01-01").strip()
    assert [d["area_code"] for d in json.loads(run("duties", "list", "--person", "p1", "--json"))] == ["g2"]
    whole = json.loads(run("duties", "list", "--person", "p1", "--all", "--json"))
    assert [(d["area_code"], d["valid_to"]) for d in whole] == [("g1", "2024-01-01"), ("g2", None)]
    run("duties", "end", moved, "--day", "2024-02-01")
    begun = run("duties", "begin", "p3", "部门下沉人员", "c1", "--kind", "社区", "--party", "squad").strip()
    assert begun in run("duties", "list", "--json")
    out = tmp_path / "all.xlsx"
    assert "4 duties" in run("duties", "export", "--all", "--out", out)
    assert "0 added, 0 changed, 4 unchanged" in run("duties", "import", out)
    with pytest.raises(BadInput, match="not the id of a duty"):
        run("duties", "end", "7")


def test_people_and_parties_of_a_town(run, tmp_path: Path) -> None:
    people, parties = tmp_path / "people.csv", tmp_path / "parties.csv"
    assert "3 people" in run("people", "export", "--out", people)
    assert "2 parties" in run("parties", "export", "--out", parties)
    assert "3 unchanged" in run("people", "import", people)
    assert "2 unchanged" in run("parties", "import", parties)
    assert [p["code"] for p in json.loads(run("parties", "list", "--kind", "物业公司", "--json"))] == ["co"]
    people.write_text("code,name\np4,示例四\n")
    assert "1 added" in run("people", "import", people)
    run("duties", "begin", "p4", "grid_member", "g2", "--day", "2023-05-01")
    assert "duties ended: 1" in run("people", "leave", "p4", "--day", "2023-06-01")
    assert "p4" not in {p["code"] for p in json.loads(run("people", "list", "--json"))}
    assert "p4" in {p["code"] for p in json.loads(run("people", "list", "--all", "--json"))}
    words = ("--subject", "person", "--key", "p4", "--limit", "1", "--json")
    (last,) = json.loads(run("people", "changes", *words))
    assert json.loads(last["changed"]) == {"left_on": [None, "2023-06-01"]}


def test_the_first_administrator_and_others(run, district: Database) -> None:
    said = run(
        "account", "add", "Chief", "--role", "administrator", "--password-stdin", input=PASSWORD + "\n"
    )
    assert "chief (administrator) may sign in to test" in said
    assert PASSWORD not in said
    signed = signing.sign_in(district, "chief", PASSWORD, "cli")
    assert signed.account.roles == ("administrator",)
    run("account", "password", "chief", "--password-stdin", input="another 7 lamps here\n")
    signing.sign_in(district, "chief", "another 7 lamps here", "cli")
    run("account", "disable", "chief")
    assert json.loads(run("account", "list", "--json"))[0]["disabled_at"]
    run("account", "enable", "chief")
    assert json.loads(run("account", "list", "--json"))[0]["disabled_at"] is None
    with pytest.raises(BadInput, match="--password-stdin"):
        run("account", "add", "other", "--role", "office")
    with pytest.raises(BadInput, match="person"):
        run("account", "add", "other", "--role", "member", "--password-stdin", input=PASSWORD)
    with pytest.raises(NotFound):
        run("account", "disable", "nobody")


def test_an_account_is_linked_and_unlinked(run, district: Database, monkeypatch) -> None:
    run("account", "add", "linked", "--role", "office", "--password-stdin", input=PASSWORD)
    words = ("account", "link", "--login", "linked", "--oidc-subject", "sub-1")
    with pytest.raises(BadInput, match="GRIDMAP_OIDC_ISSUER"):
        run(*words)
    monkeypatch.setenv("GRIDMAP_OIDC_ISSUER", "https://id.example.cn")
    monkeypatch.setenv("GRIDMAP_OIDC_CLIENT_ID", "gridmap")
    assert "linked may sign in by https://id.example.cn" in run(*words)
    listed = {each["login"]: each["oidc"] for each in json.loads(run("account", "list", "--json"))}
    assert listed["linked"] == "https://id.example.cn sub-1"
    with pytest.raises(Conflict):
        run(*words)
    with pytest.raises(NotFound):
        run("account", "link", "--login", "nobody", "--oidc-subject", "sub-2")
    assert "linked to nobody" in run("account", "unlink", "--login", "linked")
    with pytest.raises(BadInput):
        run("account", "unlink", "--login", "linked")


def test_a_token_is_printed_once_and_alone(run, district: Database) -> None:
    secret = run("token", "create", "--name", "N", "--role", "office")
    assert secret == secret.strip() + "\n"
    with district.reading() as connection:
        found = tokens.find(connection, secret.strip())
    assert found is not None
    assert (found.name, found.role) == ("N", "office")
    listed = run("token", "list", "--json")
    assert secret.strip() not in listed
    assert json.loads(listed)[0]["name"] == "N"
    with pytest.raises(Conflict):
        run("token", "create", "--name", "N", "--role", "office")
    run("token", "revoke", "N")
    with district.reading() as connection:
        assert tokens.find(connection, secret.strip()) is None
