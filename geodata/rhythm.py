"""When things are reported: growth, season, weekday and hour, per kind of trouble. China time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

import numpy as np

LOCAL = timezone(timedelta(hours=8))
FIRST, LAST = date(2022, 7, 1), date(2023, 12, 31)
DAYS = (LAST - FIRST).days + 1


@dataclass(frozen=True, slots=True)
class Rhythm:
    """months: 12 weights from January; weekend: weight of its days; hours: (hour, spread, weight)."""

    months: tuple[float, ...]
    weekend: float
    hours: tuple[tuple[float, float, float], ...]


EVEN = (1.0,) * 12
RHYTHMS = {
    "patrol": Rhythm(
        (0.8, 0.7, 1, 1.1, 1.1, 1, 1, 1, 1.1, 1.1, 1, 0.9), 0.45, ((9.8, 1.0, 1), (15.6, 1.4, 1))
    ),
    "refuse": Rhythm(
        (0.8, 0.9, 0.9, 1, 1.1, 1.3, 1.5, 1.4, 1.1, 1, 0.8, 0.8), 0.9, ((8.0, 1.2, 1), (18.5, 1.8, 0.8))
    ),
    "traffic": Rhythm(EVEN, 1.25, ((8.0, 0.7, 0.7), (12.2, 1.2, 0.5), (18.9, 1.7, 1.3))),
    "school_run": Rhythm(
        (1, 0.5, 1.2, 1.2, 1.2, 1.1, 0.3, 0.3, 1.3, 1.2, 1.2, 1.1), 0.05, ((7.6, 0.3, 1), (17.2, 0.5, 1))
    ),
    "morning_trade": Rhythm(
        (0.6, 0.6, 0.9, 1.1, 1.2, 1.3, 1.3, 1.3, 1.2, 1.1, 0.8, 0.6), 1.3, ((8.0, 0.9, 1),)
    ),
    "evening_trade": Rhythm(
        (0.4, 0.5, 0.8, 1.1, 1.4, 1.7, 1.9, 1.8, 1.4, 1.0, 0.6, 0.4), 1.5, ((20.2, 1.4, 1),)
    ),
    "after_morning": Rhythm(
        (0.6, 0.6, 0.9, 1.1, 1.2, 1.3, 1.3, 1.3, 1.2, 1.1, 0.8, 0.6), 1.3, ((9.95, 0.2, 1),)
    ),
    "after_night": Rhythm((0, 0, 0, 1.1, 1.4, 1.7, 1.9, 1.8, 1.4, 1.0, 0, 0), 1.5, ((25.6, 0.3, 1),)),
    "tea": Rhythm(
        (0, 0, 0.05, 0.3, 0.8, 1.6, 2.2, 2.1, 1.0, 0.25, 0, 0), 1.5, ((16.0, 1.4, 0.5), (20.3, 1.3, 1))
    ),
    "kitchen": Rhythm(
        (0.8, 0.8, 0.9, 1, 1.1, 1.3, 1.4, 1.4, 1.1, 1, 0.9, 0.8), 1.2, ((12.1, 0.5, 0.6), (19.4, 1.1, 1))
    ),
    "dust": Rhythm(
        (0.3, 0.4, 1.5, 1.7, 1.4, 1.1, 0.9, 0.9, 1.1, 1.2, 1.0, 0.4), 0.7, ((10.4, 1.4, 1), (15.6, 1.5, 1))
    ),
}


def day_weights(rhythm: Rhythm) -> np.ndarray:
    """Probability of each day of the whole period: season, weekday, slow growth, good and bad days."""
    days = [FIRST + timedelta(days=k) for k in range(DAYS)]
    season = np.array([rhythm.months[day.month - 1] for day in days])
    week = np.array([rhythm.weekend if day.weekday() > 4 else 1.0 for day in days])
    growth = np.linspace(0.78, 1.12, DAYS)
    mood = np.random.default_rng(20220701).gamma(6.0, 1 / 6.0, DAYS)
    weights = season * week * growth * mood
    return weights / weights.sum()


def moments(name: str, count: int, rng: np.random.Generator) -> list[datetime]:
    """`count` local times in the period, in no order."""
    rhythm = RHYTHMS[name]
    days = rng.choice(DAYS, count, p=day_weights(rhythm))
    weights = np.array([weight for *_, weight in rhythm.hours])
    peaks = rng.choice(len(weights), count, p=weights / weights.sum())
    answer = []
    for day, peak in zip(days, peaks, strict=True):
        middle, spread, _ = rhythm.hours[peak]
        hour = float(
            np.clip(rng.normal(middle, spread), 5.2 if middle < 24 else 24.6, 23.95 if middle < 24 else 26.5)
        )
        start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=LOCAL) + timedelta(days=int(day))
        moment = start + timedelta(seconds=int(hour * 3600))
        # A night market's late evening on the last day would fall into the next year.
        answer.append(moment if moment.date() <= LAST else moment - timedelta(days=1))
    return answer
