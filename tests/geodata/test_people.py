"""As many chiefs and branches as published, with vacancies, and nobody who could be real."""

import re
from collections import Counter, defaultdict

LAST = "2023-12-31"
PUBLISHED = {"grid_chief": 38, "building_chief": 239, "unit_chief": 377}


def held(table, day: str = LAST) -> list[dict[str, str]]:
    return [
        row
        for row in table("duties")
        if row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])
    ]


def test_chiefs_and_branches_are_as_published(table) -> None:
    people = defaultdict(set)
    for row in held(table):
        people[row["post"]].add(row["person"])
    assert {post: len(people[post]) for post in PUBLISHED} == PUBLISHED
    branches = [row for row in table("parties") if row["kind"] == "branch"]
    assert len(branches) == len({row["area_code"] for row in branches}) == 28


def test_nobody_is_real(table) -> None:
    rows = table("people")
    assert all(re.fullmatch(r"示例\D+\d{2,3}", row["name"]) for row in rows)
    assert all(re.fullmatch(r"000-0000-\d{4}", row["phone"]) for row in rows)
    for field in ("code", "name", "phone"):
        assert len({row[field] for row in rows}) == len(rows)


def test_duties_are_of_areas_that_there_are(table, areas) -> None:
    known = {stem: areas(stem) for stem in ("communities", "grids", "compounds", "buildings", "subdistrict")}
    stems = {"community": "communities", "subdistrict": "subdistrict"}
    codes, parties = {r["code"] for r in table("people")}, {r["code"] for r in table("parties")}
    for row in table("duties"):
        assert row["person"] in codes
        assert not row["party"] or row["party"] in parties
        kind, code = row["area_kind"], row["area_code"]
        if kind == "unit":
            kind, (code, _, unit) = "building", code.rpartition("-")
            assert 1 <= int(unit) <= known["buildings"][code][0]["units"]
        assert code in known[stems.get(kind, f"{kind}s")], row


def test_there_are_vacancies_of_every_sort(table, areas) -> None:
    filled = Counter((row["post"], row["area_kind"]) for row in held(table))
    lived = [p for p, _ in areas("buildings").values() if p["units"]]
    assert filled["grid_chief", "grid"] == 65 < len(areas("grids"))
    assert filled["grid_member", "grid"] == 66
    assert 0.7 < filled["building_chief", "building"] / len(lived) < 0.95
    assert 0.1 < filled["unit_chief", "unit"] / sum(p["units"] for p in lived) < 0.5
    assert len({(row["post"], row["area_code"]) for row in held(table) if row["post"] in PUBLISHED}) == sum(
        filled[post, kind] for post, kind in filled if post in PUBLISHED
    )


def test_a_chief_stays_within_one_community(table) -> None:
    places = defaultdict(set)
    for row in table("duties"):
        if row["post"] in ("grid_chief", "grid_member"):
            places[row["person"]].add(row["area_code"][:12])
    assert {len(found) for found in places.values()} == {1}


def test_somebody_has_left_and_another_come(table) -> None:
    gone = [row for row in table("people") if row["left_on"]]
    assert gone
    for person in gone:
        ends = {row["valid_to"] for row in table("duties") if row["person"] == person["code"]}
        assert ends == {person["left_on"]}
