"""Who answers for what: people, parties and their duties, all of them made up and named so.

Names are those of nobody (示例网格长01) and no telephone number can be dialled (000-0000-0001). There are as
many chiefs and party branches as the published report counts; other posts are there so that every step has
somebody, and every sort of post has its vacancies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from geodata.atlas import Area, atlas
from geodata.figures import BUILDING_CHIEFS, GRID_CHIEFS, PARTY_BRANCHES, UNIT_CHIEFS
from geodata.homes import compounds_and_buildings
from geodata.lines import random

OPENED = "2022-07-01"  # the day from which the system records
ELECTED = "2023-03-01"
CHANGED = "2023-09-01"  # when some of them moved or left
MEMBERS, OFFICERS_PER_COMMUNITY = 56, 3
VACANT_GRIDS, VACANT_GRIDS_OF_MEMBERS = 5, 4
LEAST_BUILDINGS = 3  # of a compound that has chose chiefs for them
VACANT_COMPOUNDS = 0.05  # share of those that chose none
COMPANIES = ("甲", "乙", "丙", "丁", "戊", "己")
# code and kind, how its people's codes begin, name, name_en, officers, whether they have communities each
DEPARTMENTS = (
    ("squad", "CG", "城管执法中队", "Urban-management squad", 5, True),
    ("market", "SJ", "市场监管所", "Market supervision", 2, False),
    ("police", "PC", "派出所", "Police station", 5, True),
    ("justice", "SF", "司法所", "Justice office", 2, False),
)


@dataclass(frozen=True, slots=True)
class Person:
    code: str
    name: str
    phone: str
    left_on: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    code: str
    kind: str
    name: str
    name_en: str
    area_kind: str = ""
    area_code: str = ""
    valid_from: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    person: str
    post: str
    area_kind: str
    area_code: str
    valid_from: str
    valid_to: str = ""
    party: str = ""


@dataclass(frozen=True, slots=True)
class Staff:
    people: tuple[Person, ...]
    parties: tuple[Party, ...]
    duties: tuple[Duty, ...]


class Roll:
    """People by the sort of their post, with running telephone numbers."""

    def __init__(self) -> None:
        self.people: list[Person] = []

    def add(self, prefix: str, title: str, number: int, width: int = 2, left_on: str = "") -> str:
        code = f"{prefix}{number:0{width}d}"
        phone = f"000-0000-{len(self.people) + 1:04d}"
        self.people.append(Person(code, f"示例{title}{number:0{width}d}", phone, left_on))
        return code


def runs(groups: Sequence[Sequence[Area]], people: int) -> list[list[Area]]:
    """The groups cut into so many runs, none across two groups, as equal as that allows."""
    parts = [1] * len(groups)
    for _ in range(people - len(groups)):
        fullest = max(range(len(groups)), key=lambda k: (len(groups[k]) / parts[k], -k))
        parts[fullest] += 1
    return [
        list(group[len(group) * k // n : len(group) * (k + 1) // n])
        for group, n in zip(groups, parts, strict=True)
        for k in range(n)
    ]


def by_parent(areas: Iterable[Area]) -> list[list[Area]]:
    found: dict[str, list[Area]] = {}
    for area in areas:
        found.setdefault(area.parent, []).append(area)
    return list(found.values())


def without(areas: Sequence[Area], number: int, purpose: int) -> list[Area]:
    """All but so many of them, drawn by chance: the vacant ones."""
    vacant = set(random(purpose).choice(len(areas), number, replace=False).tolist())
    return [area for k, area in enumerate(areas) if k not in vacant]


def units(building: Area) -> int:
    return dict(building.extra)["units"]


def grid_posts(roll: Roll) -> list[Duty]:
    """Grid chiefs, one of whom has left for another and one moved; and grid members."""
    duties = []
    grids = atlas().grids
    for number, run in enumerate(runs(by_parent(without(grids, VACANT_GRIDS, 141)), GRID_CHIEFS), 1):
        code = roll.add("WGZ", "网格长", number)
        duties += [Duty(code, "grid_chief", "grid", grid.code, ELECTED) for grid in run]
    first, *others = duties
    left = roll.add("WGZ", "网格长", GRID_CHIEFS + 1, left_on=CHANGED)
    duties = [
        Duty(left, first.post, "grid", first.area_code, ELECTED, CHANGED),
        Duty(first.person, first.post, "grid", first.area_code, CHANGED),
        *others,
    ]
    held = without(grids, VACANT_GRIDS_OF_MEMBERS, 142)
    for number, run in enumerate(runs(by_parent(held), MEMBERS), 1):
        code = roll.add("WGY", "网格员", number)
        duties += [Duty(code, "grid_member", "grid", grid.code, OPENED) for grid in run]
    return duties


def building_posts(roll: Roll) -> list[Duty]:
    """Building chiefs, each of a few buildings of one compound; unit chiefs, each of a building's units."""
    rng, duties = random(143), []
    lived = [building for building in compounds_and_buildings()[1] if units(building)]
    compounds = [group for group in by_parent(lived) if len(group) >= LEAST_BUILDINGS]
    chosen = [group for group in compounds if rng.random() >= VACANT_COMPOUNDS]
    for number, run in enumerate(runs(chosen, BUILDING_CHIEFS), 1):
        code = roll.add("LDZ", "楼栋长", number, 3)
        duties += [Duty(code, "building_chief", "building", building.code, ELECTED) for building in run]
    stairs = [building for group in chosen for building in group if units(building) >= 2]
    taken = sorted(rng.choice(len(stairs), UNIT_CHIEFS, replace=False).tolist())
    for number, k in enumerate(taken, 1):
        code = roll.add("DYZ", "单元长", number, 3)
        duties += [
            Duty(code, "unit_chief", "unit", f"{stairs[k].code}-{unit}", ELECTED)
            for unit in range(1, units(stairs[k]) + 1)
        ]
    return duties


def offices(roll: Roll) -> tuple[list[Party], list[Duty]]:
    """The subdistrict office, community officers, and the departments' people sent down into the grids."""
    parties, duties = [], []
    subdistrict, communities = atlas().subdistrict, atlas().communities
    top = subdistrict.code
    parties.append(Party("office", "office", "街道办事处", "Subdistrict office", "subdistrict", top))
    for number in (1, 2, 3, 4):
        code = roll.add("JD", "街道干部", number)
        duties.append(Duty(code, "office", "subdistrict", top, OPENED))
    for index, community in enumerate(communities):
        parties.append(
            Party(f"community-{index + 1:02d}", "community", community.name, "", "community", community.code)
        )
        for place in range(OFFICERS_PER_COMMUNITY):
            code = roll.add("SQ", "社区干部", index * OFFICERS_PER_COMMUNITY + place + 1)
            duties.append(Duty(code, "community_officer", "community", community.code, OPENED))
    for party, prefix, name, name_en, officers, sent_down in DEPARTMENTS:
        parties.append(Party(party, party, name, name_en, "subdistrict", top))
        for number in range(1, officers + 1):
            code = roll.add(prefix, name, number)
            areas = communities[number - 1 :: officers] if sent_down else (subdistrict,)
            duties += [
                Duty(code, "department_officer", area.kind, area.code, OPENED, party=party) for area in areas
            ]
    return parties, duties


def compound_parties(roll: Roll) -> tuple[list[Party], list[Duty]]:
    """Property companies with a person each; the compounds' party branches with their secretaries."""
    parties, duties = [], []
    compounds = compounds_and_buildings()[0]
    largest = sorted(compounds, key=lambda area: (-dict(area.extra)["households"], area.code))
    for number, letter in enumerate(COMPANIES, 1):
        company = f"property-{number}"
        parties.append(Party(company, "property", f"示例物业{letter}公司", f"Example Property {number}"))
        code = roll.add("WY", "物业人员", number)
        for area in largest[number - 1 : 120 : len(COMPANIES)]:
            duties.append(Duty(code, "property_officer", "compound", area.code, OPENED, party=company))
    for number, area in enumerate(sorted(largest[:PARTY_BRANCHES], key=lambda area: area.code), 1):
        branch = f"branch-{number:02d}"
        parties.append(
            Party(branch, "branch", f"{area.name}功能型党支部", "", "compound", area.code, ELECTED)
        )
        if number % 9:  # some have no secretary yet
            code = roll.add("ZB", "党支部书记", number)
            duties.append(Duty(code, "branch_secretary", "compound", area.code, ELECTED, party=branch))
    return parties, duties


@cache
def staff() -> Staff:
    roll = Roll()
    duties = grid_posts(roll) + building_posts(roll)
    of_offices = offices(roll)
    of_compounds = compound_parties(roll)
    return Staff(
        tuple(roll.people),
        tuple(of_offices[0] + of_compounds[0]),
        tuple(duties + of_offices[1] + of_compounds[1]),
    )
