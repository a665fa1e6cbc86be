"""`gridmap stats around|rhythm|campaign|services`: tables for people, values for programs."""

from __future__ import annotations

import json

import pytest

DAYS = ("--from", "2023-07-01", "--to", "2023-07-31", "--until", "2023-08-31")


def test_around(run, demo) -> None:
    code, out, _ = run(demo, "stats", "around", "--month", "2023-06", "--kind", "night_market")
    assert code == 0
    assert "金圣国际夜市" in out
    assert "18:00-01:00" in out
    _, out, _ = run(demo, "stats", "around", "--month", "2023-06", "--json")
    found = json.loads(out)
    assert len(found["items"]) == 63
    shares = [each["per_100_spaces"] for each in found["items"]]
    assert shares == sorted(shares, reverse=True)


def test_rhythm(run, demo) -> None:
    code, out, _ = run(demo, "stats", "rhythm", "--month", "2023-06", "--kind", "night_market")
    assert code == 0
    rows = [line.split() for line in out.splitlines() if line.strip()[:2].isdigit()]
    assert [row[0] for row in rows[:24]] == [f"{hour:02d}" for hour in range(24)]
    assert all(cell.endswith("*") for cell in rows[20][1:] if cell != "*")
    _, out, _ = run(demo, "stats", "rhythm", "--month", "2023-06", "--kind", "night_market", "--json")
    found = json.loads(out)
    assert sum(map(sum, found["reports"])) == found["totals"]["reports"] > 50


def test_campaign(run, demo) -> None:
    asked = ("stats", "campaign", "--category", "local-teastall", *DAYS, "--against", "year_before")
    code, out, _ = run(demo, *asked)
    assert code == 0
    assert "ratio 0.54 (95% interval 0.40 to 0.72" in out
    assert "not cause and effect" in out
    found = json.loads(run(demo, *asked, "--json")[1])
    assert (found["before"]["reports"], found["after"]["reports"]) == (136, 73)


def test_services(run, demo) -> None:
    code, out, _ = run(demo, "stats", "services", "--month", "2023-06")
    assert code == 0
    assert "电影放映" in out
    found = json.loads(run(demo, "stats", "services", "--year", "2023", "--json")[1])
    assert next(each["quantity"] for each in found["kinds"] if each["kind"] == "film_showing") == 72


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("around", "--month", "2023-6"), "month"),
        (("around", "--month", "2023-06", "--kind", "shops"), "kind"),
        (("rhythm", "--month", "2023-06", "--kind", "parking", "--category", "local-dispute"), "category"),
        (("campaign", "--category", "local-teastall", *DAYS[:4], "--until", "2023-07-01"), "until"),
        (("campaign", "--category", "local-teastall", "--from", "July", *DAYS[2:]), "from"),
        (("services",), "month"),
    ],
)
def test_bad_input_is_one_line_that_names_it(run, demo, arguments, field) -> None:
    code, _, err = run(demo, "stats", *arguments)
    assert code == 2
    assert err.startswith(f"gridmap: {field}: ")
