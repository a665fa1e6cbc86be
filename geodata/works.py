"""Work records whose quantities sum to the published figures, linked to reports where that is natural."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import numpy as np

from geodata import figures
from geodata.figures import Figure
from geodata.lines import random
from geodata.reports import Report, reports
from geodata.spots import spot_sets

# Counted efforts and events: which reports they answer, how many at most, and where they happen when they
# answer none.
ANSWERS = {
    "notice_board_replaced": ((), 0, "home"),
    "poster_renewed": ((), 0, "main"),
    "advert_removed": (("matter-07008", "matter-07001"), 6, "lane"),
    "corridor_cleaned": (("matter-07008", "matter-06036"), 2, "home"),
    "rubbish_corner_cleared": (("matter-06010",), 3, "old_home"),
    "rubbish_hauled": (("matter-06011", "matter-06010"), 3, "lane"),
    "greenery_trimmed": ((), 0, "riverside"),
    "pile_tidied": (("matter-06036",), 4, "home"),
    "film_showing": ((), 0, "home"),
    "volunteer_day": ((), 0, "home"),
    "festival_event": ((), 0, "plaza"),
    "culture_event": ((), 0, "plaza"),
    "performance": ((), 0, "plaza"),
    "job_fair": ((), 0, "plaza"),
    "job_found": ((), 0, "hall"),
    "errand": ((), 0, "station"),
    "counter_matter": ((), 0, "hall"),
}
# Days from a report to its outcome, at least and at most.
DELAYS = {
    "dispute_settled": (3, 26),
    "case_settled": (3, 20),
    "stability_case": (0, 3),
    "illegal_building_demolished": (4, 38),
    "illegal_building_stopped": (0, 4),
}
REACH = 600.0  # metres within which one effort answers several reports
LOOK_BACK = 21  # days


@dataclass(frozen=True, slots=True)
class Work:
    kind: str
    quantity: Decimal
    unit: str
    day: date
    place_name: str
    at: tuple[float, float] | None
    reports: tuple[str, ...]
    client_id: str = ""


def outcomes(figure: Figure) -> list[Work]:
    """One record of quantity 1 for each report that has this outcome, on a day within the figure's period."""
    rng, least_most = random(90 + figures.ALL_FIGURES.index(figure)), DELAYS[figure.kind]
    answer = []
    for one in reports():
        if one.outcome == figure.kind:
            day = one.moment.date() + timedelta(days=int(rng.integers(least_most[0], least_most[1] + 1)))
            answer.append(
                Work(
                    figure.kind,
                    Decimal(1),
                    figure.unit,
                    min(day, figure.end),
                    one.where,
                    one.at,
                    (one.client_id,),
                )
            )
    return answer


def shares(figure: Figure, rng: np.random.Generator) -> list[Decimal]:
    """The total split into unequal records, each at least one step, summing exactly."""
    steps = int(figure.total / figure.step)
    weights = rng.gamma(2.0, 1.0, figure.records)
    wanted = weights / weights.sum() * (steps - figure.records)
    counts = np.floor(wanted).astype(int)
    left = steps - figure.records - int(counts.sum())
    counts[np.argsort(counts - wanted, kind="stable")[:left]] += 1
    return [figure.step * int(count + 1) for count in counts]


def working_day(record: int, records: int, rng: np.random.Generator) -> date:
    """A Monday to Saturday of 2023, record after record through the year."""
    at = (record + rng.uniform(0, 1)) / records * 363
    day = figures.YEAR[0] + timedelta(days=1 + int(at))
    return day - timedelta(days=1) if day.weekday() == 6 else day


def answered(day: date, categories: tuple[str, ...], most: int, rng: np.random.Generator) -> list[Report]:
    """A few recent reports near each other that one effort can have answered."""
    number = int(rng.integers(0, most + 1))
    if not number:
        return []
    near = [
        one
        for one in reports()
        if one.category in categories
        and one.at is not None
        and 0 <= (day - one.moment.date()).days <= LOOK_BACK
    ]
    if not near:
        return []
    first = near[int(rng.integers(len(near)))]

    def away(one: Report) -> float:
        assert one.at is not None
        assert first.at is not None
        return float(np.hypot(one.at[0] - first.at[0], one.at[1] - first.at[1]))

    close = sorted(near, key=away)
    return [one for one in close[:number] if away(one) < REACH]


def counted(figure: Figure) -> list[Work]:
    rng = random(90 + figures.ALL_FIGURES.index(figure))
    categories, most, spot_set = ANSWERS[figure.kind]
    answer: list[Work] = []
    taken: set[str] = set()
    for record, quantity in enumerate(shares(figure, rng)):
        day = working_day(record, figure.records, rng)
        found = [one for one in answered(day, categories, most, rng) if one.client_id not in taken]
        found = found[: int(quantity)] if figure.unit not in ("t", "m2") else found
        taken.update(one.client_id for one in found)
        points, labels = spot_sets()[spot_set].draw(1, rng)
        at, where = (
            (found[0].at, found[0].where)
            if found
            else ((float(points[0, 0]), float(points[0, 1])), labels[0])
        )
        ids = tuple(sorted(one.client_id for one in found))
        answer.append(Work(figure.kind, quantity, figure.unit, day, where, at, ids))
    return answer


def numbered(found: list[Work], first: int) -> list[Work]:
    """Records by day, with their client ids from a number on."""
    found.sort(key=lambda work: (work.day, work.kind, work.place_name, work.reports, work.quantity))
    return [replace(work, client_id=f"demo-work-{serial:05d}") for serial, work in enumerate(found, first)]


@cache
def works() -> tuple[Work, ...]:
    """Outcomes and efforts first, then events: a client id, once given, stays with its record."""
    answer: list[Work] = []
    for chosen in (figures.OUTCOMES_AND_EFFORTS, figures.EVENTS):
        found = [
            work for figure in chosen for work in (outcomes if figure.kind in DELAYS else counted)(figure)
        ]
        answer += numbered(found, len(answer) + 1)
    return tuple(answer)
