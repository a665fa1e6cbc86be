"""Class limits and colours that are chosen once and kept, so that a colour means the same in every month.

Pure: choosing, and a record that can be stored and read back. The record is kept per jurisdiction, category
and measure; who keeps it and when a provisional one is replaced is the caller's matter. The colours come
from the maps' ramp (maps.colours, tested for colour-blind eyes) and are kept with the limits: an archived
bulletin must not change when the ramp does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from gridmap.errors import BadInput

Measure = Literal["count", "density", "rate", "surface"]

CLASSES = 6
REFERENCE_MONTHS = 12
"""A year: every season has had its say."""

_LEAST_CLASSES = 3
_TOP = 0.95  # of the values over 0, the share that lies below the open class
_BOTTOM = 0.05
_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
_LADDER = tuple(step * 10.0**power for power in range(-6, 10) for step in _STEPS)


@dataclass(frozen=True, slots=True)
class Breaks:
    """The kept classes of one measure of one category (None: all) in one jurisdiction.

    `limits` are the lower limits of the classes, ascending; what lies below the first (0, for counts) is a
    class of its own; the last is open, so that no later month bursts it. `colours` (#rrggbb) are as many.
    Chosen from `months` months, from the first of `reference_from` on.
    """

    jurisdiction: str
    category: str | None
    measure: Measure
    limits: tuple[float, ...]
    colours: tuple[str, ...]
    reference_from: date
    months: int

    def __post_init__(self) -> None:
        if self.measure not in get_args(Measure):
            raise BadInput(f"{self.measure!r} is no measure", field="measure")
        rising = all(a < b for a, b in zip(self.limits, self.limits[1:], strict=False))
        if not (self.limits and rising and self.limits[0] > 0 and self.limits[-1] < float("inf")):
            raise BadInput("must rise from over 0", field="limits")
        if len(self.colours) != len(self.limits) or not all(
            re.fullmatch("#[0-9a-f]{6}", colour) for colour in self.colours
        ):
            raise BadInput("must be one #rrggbb for each limit", field="colours")

    @property
    def provisional(self) -> bool:
        """Chosen from less than a year: to be chosen once more when a year is full, and then no more."""
        return self.months < REFERENCE_MONTHS

    def as_json(self) -> dict[str, Any]:
        return {
            "jurisdiction": self.jurisdiction,
            "category": self.category,
            "measure": self.measure,
            "limits": list(self.limits),
            "colours": list(self.colours),
            "reference_from": self.reference_from.isoformat(),
            "months": self.months,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The record back from `as_json`."""
        return cls(
            kept["jurisdiction"],
            kept["category"],
            kept["measure"],
            tuple(map(float, kept["limits"])),
            tuple(kept["colours"]),
            date.fromisoformat(kept["reference_from"]),
            int(kept["months"]),
        )


def choose_limits(values: ArrayLike, *, whole: bool, classes: int = CLASSES) -> tuple[float, ...]:
    """Lower limits of 3 to `classes` classes from reference values, such as a year's by grid and month.

    Reports are spread over orders of magnitude, so the limits rise by about equal factors: from 1 (`whole`
    numbers) or from about the 5th percentile of the values over 0, to the 95th, above which lies the open
    class; each the nearest of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten, whole ones for whole numbers.
    Not quantiles: those put breaks where they split equal counts, and make a map of noise as bright as one of
    trouble. Without values over 0 it is 1, 2, 3 and so on up: the maps of that category are blank anyway.

    For a surface give its values inside the district. Raises BadInput for fewer than 3 classes, more than 9,
    or values that are not finite.
    """
    if not _LEAST_CLASSES <= classes <= 9:
        raise BadInput(f"{classes} classes cannot be told apart; give 3 to 9", field="classes")
    reference = np.asarray(values, dtype=np.float64).ravel()
    if not np.isfinite(reference).all():
        raise BadInput("has values that are not numbers", field="values")
    over = reference[reference > 0]
    bottom, top = np.quantile(over, [_BOTTOM, _TOP], method="inverted_cdf") if len(over) else (1.0, 1.0)
    ladder = np.array([step for step in _LADDER if not whole or (step >= 1 and step == int(step))])
    wanted = np.geomspace(1.0 if whole else bottom, max(top, 1.0 if whole else bottom), classes)
    nearest = np.abs(np.log(wanted)[:, None] - np.log(ladder)).argmin(axis=1)
    places = np.unique(nearest).tolist()
    while len(places) < _LEAST_CLASSES:
        places.append(places[-1] + 1)
    return tuple(float(f"{ladder[place]:.6g}") for place in places)


def choose(
    values: Sequence[float] | ArrayLike,
    colours: Sequence[str],
    *,
    jurisdiction: str,
    category: str | None,
    measure: Measure,
    reference_from: date,
    months: int,
) -> Breaks:
    """The record to keep; `colours`: a ramp to draw as many from as there are limits, light to dark.

    The ramp is called for by number elsewhere (maps.colours.classes): hand in the one for CLASSES colours;
    with fewer limits, every so-manieth of it is taken, its lightest and darkest always.
    """
    limits = choose_limits(values, whole=measure == "count", classes=len(colours))
    taken = np.rint(np.linspace(0, len(colours) - 1, len(limits))).astype(int).tolist()
    return Breaks(
        jurisdiction, category, measure, limits, tuple(colours[i] for i in taken), reference_from, months
    )
