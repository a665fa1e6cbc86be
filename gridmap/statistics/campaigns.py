"""Before and after: whether there were fewer reports once something was done, and how sure that is.

Exact for counts that come one by one, at random (Poisson). Where one event brings many reports the true
uncertainty is larger than the interval says. And before and after are not cause and effect: tea stalls
vanish in winter by themselves. `against` compares the change with that of the same months elsewhere, or of
the year before, and is what a page should lead with where there is something to compare with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.errors import BadInput

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of rates with its exact interval. None: without end (nothing before, so any rise is possible).

    `ratio` None: nothing to divide by. `p` is two-sided, for a ratio of 1.
    """

    ratio: float | None
    low: float
    high: float | None
    p: float
    confidence: float


def before_and_after(
    before: int, after: int, days_before: float, days_after: float, *, confidence: float = CONFIDENCE
) -> Ratio:
    """Reports per day after, over those per day before.

    Given their sum, the reports after are binomial with share r d₂ / (r d₂ + d₁); so the interval is that of
    Clopper and Pearson for the share, turned back into r (Przyborowski and Wilenski 1940). p is twice the
    smaller tail, at most 1, so that it is under 1 − confidence exactly where the interval leaves out 1.

    Any exposure serves for days: spaces, stalls, kilometres walked. Raises BadInput for negative counts, days
    that are not over 0, and a confidence outside (0, 1).
    """
    from scipy import stats  # half a second and 40 MB, for few who ask

    _check(confidence, before=before, after=after)
    for field, days in (("days_before", days_before), ("days_after", days_after)):
        if not 0 < days < float("inf"):
            raise BadInput(f"{days} is no length of time; give days over 0", field=field)
    total, longer = before + after, days_before / days_after
    if total == 0:
        return Ratio(None, 0.0, None, 1.0, confidence)
    tail = (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, after, before + 1)) if after else 0.0
    high = float(stats.beta.ppf(1 - tail, after + 1, before)) if before else 1.0
    share = days_after / (days_before + days_after)
    p = 2 * min(stats.binom.cdf(after, total, share), stats.binom.sf(after - 1, total, share))
    return Ratio(
        after / before * longer if before else None,
        low / (1 - low) * longer,
        high / (1 - high) * longer if before else None,
        min(1.0, float(p)),
        confidence,
    )


def against(
    before: int, after: int, before_there: int, after_there: int, *, confidence: float = CONFIDENCE
) -> Ratio:
    """The change here over the change there in the same two spans (their lengths then cancel).

    Given all sums of rows and columns, the four counts follow the non-central hypergeometric distribution;
    ratio, interval and p are Fisher's: the conditional maximum likelihood estimate of the odds ratio and
    its exact interval. Raises BadInput for negative counts and a confidence outside (0, 1).
    """
    from scipy.stats import contingency, fisher_exact

    _check(confidence, before=before, after=after, before_there=before_there, after_there=after_there)
    table = [[after, before], [after_there, before_there]]
    if 0 in (after + before, after_there + before_there, after + after_there, before + before_there):
        return Ratio(None, 0.0, None, 1.0, confidence)
    found = contingency.odds_ratio(table, kind="conditional")
    interval = found.confidence_interval(confidence)
    tails = [float(fisher_exact(table, alternative=side).pvalue) for side in ("less", "greater")]
    ratio, high = float(found.statistic), float(interval.high)
    return Ratio(
        ratio if ratio < float("inf") else None,
        float(interval.low),
        high if high < float("inf") else None,
        min(1.0, 2 * min(tails)),
        confidence,
    )


def spread(spans: Sequence[Sequence[int]]) -> float | None:
    """How much more the days of each span differ than chance alone would have it; about 1 if they do not.

    Pearson's χ² of the daily counts about the mean of their own span, over its degrees of freedom. None
    where there is nothing to tell it by: under two days a span, or no reports.
    """
    squares, freedom = 0.0, 0
    for days in spans:
        mean = sum(days) / len(days) if days else 0.0
        if mean and len(days) > 1:
            squares += sum((count - mean) ** 2 for count in days) / mean
            freedom += len(days) - 1
    return squares / freedom if freedom else None


def _check(confidence: float, **counts: int) -> None:
    for field, count in counts.items():
        if not 0 <= count < float("inf"):
            raise BadInput(f"{count} is no number of reports; give 0 or more", field=field)
    if not 0 < confidence < 1:
        raise BadInput(f"{confidence} is no confidence; give one such as 0.95", field="confidence")
