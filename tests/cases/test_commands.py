"""cases, dispatch, calendar and audit on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cases.drawing import document
from gridmap.opening import open_gridmap
from gridmap.settings import Settings
from tests.cases.conftest import INSIDE, send, settle

OWNER = Jurisdiction("test", "测试街道", "Test")


@pytest.fixture(scope="module")
def settled(make_settings, tmp_path_factory) -> tuple[Settings, list[str]]:
    """Settings of a district, and the ids of its reports."""
    settings = make_settings(demonstration=False)
    with open_gridmap(settings) as database, database.writing() as connection:
        areas.add_jurisdiction(connection, OWNER)
        settle(connection, OWNER, tmp_path_factory.mktemp("district"))
        references = send(connection, OWNER, settings, *["matter-06010"] * 3)
    return settings, [str(id_) for id_, _ in references]


@pytest.fixture
def run(run, settled):
    """run(*arguments) -> (exit code, standard output, standard error)."""
    return partial(run, settled[0])


def test_a_case_from_the_keyboard(run, settled, tmp_path) -> None:
    reports = settled[1]
    code, out, err = run("cases", "open", reports[0], reports[1], "--by", "wang")
    assert code == 0, err
    case = out.strip()
    assert run("cases", "move", case, "file")[1].strip() == f"{case}: filed"
    assert "waiting for post:grid_chief@grid:g1" in run("cases", "move", case, "dispatch")[1]
    chief = ("--as", "member", "--by", "yan", "--for", "post:grid_chief@grid:g1", "--reason", "已清理")
    assert run("cases", "move", case, "acknowledge", *chief)[0] == 0
    assert run("cases", "move", case, "answer", *chief, "--details", '{"finding": "done"}')[0] == 0
    code, _, err = run("cases", "move", case, "check", *chief)
    assert code == 2
    assert "let somebody else" in err
    assert "checked" in run("cases", "move", case, "check", "--by", "li")[1]
    assert "closed" in run("cases", "move", case, "close", "--by", "li")[1]
    assert "filed" in run("cases", "reopen", case, "--reason", "又有了")[1]
    (one,) = json.loads(run("cases", "list", "--json", "--state", "live")[1])
    assert (one["id"], one["state"]) == (case, "filed")
    whole = json.loads(run("cases", "show", case, "--json")[1])
    assert [m["seq"] for m in whole["history"]] == list(range(1, 9))
    assert "又有了" in run("cases", "show", case)[1]
    assert "no task was met" in run("cases", "pass-on")[1]

    there = ("--lon", "109.4835", "--lat", "36.611", "--datum", "wgs84", "--reason", "现场核对")
    assert run("cases", "correct", reports[0], *there)[1].strip() == "correction 1: place; grid g1 -> g2"
    other = run("cases", "open", reports[2])[1].strip()
    assert run("cases", "merge", other, case, "--reason", "同一处")[1].strip() == f"{other}: merged"
    assert case in run("cases", "list")[1]

    code, line, _ = run("audit", "checkpoint")
    assert code == 0
    assert run("audit", "checkpoint")[1] == ""
    kept = tmp_path / "kept.jsonl"
    kept.write_text(line)
    key = run("audit", "key")[1].strip()
    code, out, _ = run("audit", "verify", "--against", str(kept), "--key", key, "--json")
    assert code == 0, out
    found = json.loads(out)
    assert (found["cases"], found["moves"], found["covered"], found["faults"]) == (2, 12, 12, [])
    assert run("audit", "verify", "--key", "00")[0] == 1
    assert run("audit", "verify", "--key", "00", "--key", key)[0] == 0
    assert run("audit", "verify")[0] == 0  # with the key and the lines of the data folder
    kept.write_text(line.replace('"cases": 2', '"cases": 3'))
    code, out, _ = run("audit", "verify", "--against", str(kept))
    assert code == 1
    assert "was not signed like this" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("cases", "show", "x"), "no id of a case"),
        (("cases", "open", "x"), "no id of a report"),
        (("cases", "list", "--state", "happy"), "state: is live or one of"),
        (("cases", "move", "x", "file", "--details", "[]"), "details: is a JSON object"),
        (("cases", "move", "x", "file", "--as", "king"), "'king' is no role"),
        (("dispatch", "show", "food"), "kind: is one of"),
        (("dispatch", "explain", "--category", "matter-06010"), "report: give --report"),
        (("dispatch", "explain", "--report", "x"), "no id of a report"),
        (("audit", "verify", "--against", "nowhere"), "cannot be read"),
    ],
)
def test_how_they_refuse(run, arguments, says) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert says in err


def test_the_table_of_moves(run) -> None:
    assert run("cases", "workflow", "--format", "document")[1] == document()
    assert run("cases", "workflow")[1].startswith("| move |")


HERE = ("--lon", str(INSIDE[0]), "--lat", str(INSIDE[1]), "--datum", "wgs84")


def test_whom_a_case_would_go_to(run, settled) -> None:
    night = ("--at", "2023-12-01 22:00", "--json")
    found = json.loads(run("dispatch", "explain", "--category", "matter-09001", *HERE, *night)[1])
    assert (found["rule"], found["working_hours"]) == ("stalls-off-hours", False)
    assert found["passed"]["stalls-by-day"] == "is for working hours"
    assert found["recipients"][0]["recipient"] == "post:grid_chief@grid:g1"
    code, out, _ = run("dispatch", "explain", "--report", settled[1][0], "--at", "2023-12-01 10:00")
    assert code == 0
    assert "rule all-others (working hours)" in out
    fumes = json.loads(run("dispatch", "explain", "--category", "matter-06027", *HERE, "--json")[1])
    assert [each["recipient"] for each in fumes["recipients"]] == ["party:market", "party:squad"]


def test_rules_are_checked_and_loaded(run, tmp_path) -> None:
    text = run("dispatch", "show", "routing")[1]
    bad, good = tmp_path / "bad.csv", tmp_path / "routing.csv"
    bad.write_text(text.replace("kind:market", "party:moon"))
    code, out, _ = run("dispatch", "check", str(bad))
    assert code == 1
    assert "there is no party moon" in out
    assert run("dispatch", "load", str(bad))[0] == 2
    good.write_text(text.replace("all-others,*,*,any,chain,60", "rest,*,*,any,party:squad,"))
    assert "nothing is wrong" in run("dispatch", "check", str(good))[1]
    assert run("dispatch", "load", str(good))[0] == 0
    found = json.loads(run("dispatch", "explain", "--category", "local-unsorted", *HERE, "--json")[1])
    assert (found["rule"], found["recipients"][0]["recipient"]) == ("rest", "party:squad")
    assert run("dispatch", "show", "routing")[1] == good.read_text()


def test_a_notice_of_holidays_is_brought(run, tmp_path) -> None:
    year = (datetime.now(UTC) + timedelta(days=700)).year
    file = tmp_path / "days.csv"
    file.write_text(f"year,kind,first,last,name\n{year},holiday,{year}-01-01,{year}-01-03,元旦\n")
    assert "there is no notice" in run("calendar", "show", "--year", str(year))[1]
    assert f"{year}: 3 days" in run("calendar", "import", str(file))[1]
    days = json.loads(run("calendar", "show", "--year", str(year), "--json")[1])
    assert [day["day"] for day in days] == [f"{year}-01-0{n}" for n in (1, 2, 3)]
    assert len(json.loads(run("calendar", "show", "--year", "2023", "--json")[1])) == 33
