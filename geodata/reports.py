"""Dated, located, worded reports from recipes, with a few planted difficulties. Local metres."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import shapely

from geodata import figures, recipes
from geodata.atlas import atlas
from geodata.homes import compounds_and_buildings
from geodata.lines import along, random
from geodata.rhythm import LOCAL, moments
from geodata.spots import spot_sets
from geodata.streets import valley_shape
from geodata.valley import frame_polygon, main_valley

PILE_AT = (0.0, 0.0)  # the middle of the map (valley.ORIGIN): what a phone without a fix sends
STABILITY_DAYS = ((date(2023, 3, 4), 10, 7), (date(2023, 5, 16), 5, 6), (date(2023, 11, 14), 7, 5))
DATUM_SHARES = (("wgs84", 0.81), ("gcj02", 0.15), ("bd09", 0.04))


@dataclass(frozen=True, slots=True)
class Report:
    """`at` in local metres (None: only a compound is named); `where` the words for the place."""

    category: str
    description: str
    moment: datetime
    at: tuple[float, float] | None
    where: str
    datum: str = "wgs84"
    accuracy_m: float | None = None
    named_area: str = ""
    client_id: str = ""
    outcome: str = ""  # the work record that will settle it: a kind of figures.py


def ordinary() -> list[Report]:
    answer = []
    for number, recipe in enumerate(recipes.RECIPES):
        rng = random(50 + number)
        for spot_set, rhythm, count in recipe.mix:
            points, labels = spot_sets()[spot_set].draw(count, rng)
            for at, where, moment in zip(points, labels, moments(rhythm, count, rng), strict=True):
                phrase = str(rng.choice(recipe.phrases)).format(where=where)
                answer.append(Report(recipe.category, phrase, moment, (float(at[0]), float(at[1])), where))
    return answer


def illegal_buildings(reports: list[Report]) -> list[Report]:
    """Give 119 + 36 of the reports of illegal building their outcome; the last weeks are left in hand."""
    rng, until = random(80), datetime(2023, 11, 20, tzinfo=LOCAL)
    able = [
        k
        for k, one in enumerate(reports)
        if one.category in ("matter-06001", "matter-08016") and one.moment < until
    ]
    total = int(figures.DEMOLISHED.total + figures.STOPPED.total)
    chosen = rng.choice(len(able), total, replace=False)
    answer = list(reports)
    for rank, k in enumerate(chosen):
        figure = figures.DEMOLISHED if rank < figures.DEMOLISHED.total else figures.STOPPED
        answer[able[k]] = replace(reports[able[k]], outcome=figure.kind)
    return answer


def at_home(category: str, moment: datetime, outcome: str, rng: np.random.Generator) -> Report:
    points, labels = spot_sets()["home"].draw(1, rng)
    phrase = str(rng.choice(recipes.OTHERS[category])).format(where=labels[0])
    return Report(
        category, phrase, moment, (float(points[0, 0]), float(points[0, 1])), labels[0], outcome=outcome
    )


def by_hand() -> list[Report]:
    """Disputes, cases from above and stability cases of 2023, number for number."""
    rng = random(81)
    start = datetime(2023, 1, 3, 9, tzinfo=LOCAL)
    answer = []
    settled = int(figures.DISPUTES.total)
    for k in range(figures.DISPUTES_FOUND):
        day = 4 + k * 312 / settled if k < settled else 340 + 6 * (k - settled)
        moment = start + timedelta(days=int(day), minutes=int(rng.integers(0, 480)))
        answer.append(at_home("local-dispute", moment, figures.DISPUTES.kind if k < settled else "", rng))
    for k in range(int(figures.CASES_FROM_ABOVE.total)):
        moment = start + timedelta(days=int(8 + k * 17.5), minutes=int(rng.integers(0, 480)))
        answer.append(at_home("local-petition", moment, figures.CASES_FROM_ABOVE.kind, rng))
    for first, days, count in STABILITY_DAYS:
        for _ in range(count):
            at = datetime(first.year, first.month, first.day, 9, tzinfo=LOCAL)
            moment = at + timedelta(days=int(rng.integers(0, days)), minutes=int(rng.integers(0, 500)))
            answer.append(at_home("local-stability", moment, figures.STABILITY.kind, rng))
    return answer


def beyond_border(count: int, near: bool, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Points outside the subdistrict: 4–46 m from its border, or over 60 m along the valley's roads."""
    district, valley = atlas().subdistrict.shape, main_valley()
    answer: list[tuple[float, float]] = []
    if near:
        lines = [district.exterior]
    else:
        lines = [
            along(valley, valley_shape()[key], a, b)
            for key in ("west_bank", "east_bank", "west_second", "east_foot")
            for a, b in ((2200, 3900), (9800, 12400))
        ]
    while len(answer) < count:
        line = lines[int(rng.integers(len(lines)))]
        on = line.interpolate(rng.uniform(0, 1), normalized=True)
        turn, reach = rng.uniform(0, 2 * np.pi), rng.uniform(5, 45) if near else rng.uniform(0, 40)
        point = shapely.Point(on.x + reach * np.cos(turn), on.y + reach * np.sin(turn))
        away = district.distance(point)
        if frame_polygon().covers(point) and (4 < away < 46 if near else away > 60):
            answer.append((point.x, point.y))
    return answer


def by_edge(count: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Points 0.1–4 m beside an edge between two grids."""
    inner = atlas().subdistrict.shape.buffer(-30)
    answer: list[tuple[float, float]] = []
    while len(answer) < count:
        grid = atlas().grids[int(rng.integers(len(atlas().grids)))].shape
        on = grid.exterior.interpolate(rng.uniform(0, 1), normalized=True)
        turn, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 4)
        if inner.contains(on):
            answer.append((on.x + reach * np.cos(turn), on.y + reach * np.sin(turn)))
    return answer


def planted(reports: list[Report]) -> list[Report]:
    """Move some reports that await no outcome: outside, to an edge, onto one point, or to a bare name."""
    rng, answer = random(82), list(reports)
    free = [k for k, one in enumerate(reports) if not one.outcome and not one.category.startswith("local-")]
    order = iter(rng.permutation(len(free)))
    moves = [
        *beyond_border(recipes.PLANTED_OUTSIDE_NEAR, True, rng),
        *beyond_border(recipes.PLANTED_OUTSIDE_FAR, False, rng),
        *by_edge(recipes.PLANTED_AT_EDGE, rng),
        *[PILE_AT] * recipes.PLANTED_PILE,
    ]
    for at in moves:
        k = free[next(order)]
        answer[k] = replace(reports[k], at=at)
    compounds = {area.name: area for area in compounds_and_buildings()[0]}
    named = [free[k] for k in order if reports[free[k]].where in compounds][: recipes.PLANTED_NAMED]
    for rank, k in enumerate(named):
        area = compounds[reports[k].where]
        answer[k] = replace(
            reports[k], at=None, datum="", named_area=area.code if rank % 6 == 0 else area.name
        )
    return answer


def as_phones_give(reports: list[Report]) -> list[Report]:
    """A datum and, on many, an accuracy; the pile stays bare, as a default coordinate does."""
    rng, answer = random(83), []
    names = [name for name, _ in DATUM_SHARES]
    shares = [share for _, share in DATUM_SHARES]
    for one in reports:
        if one.at is None or one.at == PILE_AT:
            answer.append(one)
            continue
        accuracy = round(float(np.clip(rng.lognormal(2.7, 0.75), 3, 400)), 1) if rng.random() < 0.62 else None
        answer.append(replace(one, datum=str(rng.choice(names, p=shares)), accuracy_m=accuracy))
    return answer


@cache
def reports() -> tuple[Report, ...]:
    """All reports in the order of their time, with the ids under which they were sent."""
    found = as_phones_give(planted([*illegal_buildings(ordinary()), *by_hand()]))
    found.sort(key=lambda one: (one.moment, one.category, one.description, one.at or (0.0, 0.0)))
    return tuple(
        replace(one, client_id=f"demo-{one.moment:%Y-%m}-{serial:06d}") for serial, one in enumerate(found, 1)
    )
