"""A month around places: the reports of the categories that belong to a kind of place, near which place
they lie, and whether it was open then. One mechanism for the bulletin, the page, REST and command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput
from gridmap.places import store as places
from gridmap.places.model import PLACE_KINDS, Place
from gridmap.reports.categories import vocabulary
from gridmap.statistics.around import around
from gridmap.statistics.digests import store
from gridmap.statistics.digests.model import RADIUS_M, RELATED
from gridmap.statistics.months import last_day, month_span
from gridmap.statistics.private.hiding import check_public
from gridmap.statistics.rhythm import CLOSED, OPEN, UNKNOWN, Floats, Rhythm, legality, open_shares, rhythm_of

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlaceAround:
    """A place and the reports within its radius; one between two places is in `reports` of both.

    `own` are those for which it is the nearest of all such places: `within` its opening hours, `beyond` them,
    `unknown` where it gives none. These add up over places, `reports` do not.
    """

    place: Place
    radius_m: float
    reports: int
    per_100_spaces: float | None  # None: no capacity is known
    within: int
    beyond: int
    unknown: int

    @property
    def own(self) -> int:
        return self.within + self.beyond + self.unknown


@dataclass(frozen=True, slots=True)
class KindAround:
    """A kind of place in a month: its places, by code, and the reports that lie near them.

    `near` is for each of m reports the index in `places` of the place that has it; lon, lat (WGS-84), moment
    (datetime64 in UTC) and verdict (statistics.rhythm) are theirs, (m,). `rhythm` counts them; `opening`
    says when the places are open, (7, 96) or None (rhythm.open_shares).
    """

    kind: str
    month: date
    categories: tuple[str, ...]
    places: tuple[PlaceAround, ...]
    near: Ints
    lon: Floats
    lat: Floats
    verdict: NDArray[np.int8]
    rhythm: Rhythm
    opening: Floats | None


def related_kinds(kind: str, category: str | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(kinds, categories): which kinds share the reports of a kind of place, and what these are.

    A report between a morning market and a night market belongs to the nearer one, so both are looked at
    together. `category` counts its reports alone. Raises BadInput(field="kind") for a kind that there is not,
    or one to which no categories belong unless `category` is given.
    """
    if kind not in PLACE_KINDS:
        raise BadInput(f"{kind[:60]!r} is not a kind; there are {', '.join(PLACE_KINDS)}", field="kind")
    if kind in RELATED:
        kinds = tuple(each for each, of in RELATED.items() if of == RELATED[kind])
        return kinds, RELATED[kind] if category is None else (category,)
    if category is None:
        raise BadInput(
            f"no categories belong to {kind}; give a category, or one of {', '.join(RELATED)}", field="kind"
        )
    return (kind,), (category,)


def around_kind(
    connection: Connection, jurisdiction: Jurisdiction, month: date, kind: str, category: str | None = None
) -> KindAround:
    """One kind of place in a month. Raises BadInput as `related_kinds`, for a category that there is not, and
    for one that is private: reports near a place say whose they are."""
    kinds, categories = related_kinds(kind, category)
    if category is not None:
        vocabulary(connection, jurisdiction.code).check(category)
        check_public(connection, jurisdiction.code, category)
    found = _around(connection, jurisdiction, month, kinds, categories)
    return next(each for each in found if each.kind == kind)


def around_related(
    connection: Connection, jurisdiction: Jurisdiction, month: date, *, as_of: datetime | None = None
) -> Iterator[KindAround]:
    """Every kind of place to which categories belong (model.RELATED), by group, in order.

    `as_of`: places and reports as they were known at that moment of recording.
    """
    for categories in sorted(set(RELATED.values())):
        kinds = [kind for kind, of in RELATED.items() if of == categories]
        yield from _around(connection, jurisdiction, month, kinds, categories, as_of)


def by_strain(found: Sequence[PlaceAround]) -> list[PlaceAround]:
    """Most reports per 100 spaces first; places without a capacity after them, by reports."""
    return sorted(
        found,
        key=lambda each: (
            each.per_100_spaces is None,
            -(each.per_100_spaces or 0),
            -each.reports,
            each.place.kind,
            each.place.code,
        ),
    )


def _around(
    connection: Connection,
    jurisdiction: Jurisdiction,
    month: date,
    kinds: Sequence[str],
    categories: Sequence[str],
    as_of: datetime | None = None,
) -> list[KindAround]:
    found = places.places(connection, jurisdiction.code, day=last_day(month), kinds=kinds, as_of=as_of)
    wanted = categories if found else ()
    rows = store.related(connection, jurisdiction.code, month_span(jurisdiction, month), wanted, as_of)
    radius = [RADIUS_M if place.service_radius_m is None else place.service_radius_m for place in found]
    told = around(
        [place.geometry for place in found],
        radius,
        [place.capacity for place in found],
        rows["lon"],
        rows["lat"],
    )
    hours = [place.opening_hours for place in found]
    verdict = legality(rows["moment"], told.nearest, hours, jurisdiction.zone)
    near = told.nearest >= 0
    judged = {
        answer: np.bincount(told.nearest[near & (verdict == answer)], minlength=len(found)).tolist()
        for answer in (OPEN, CLOSED, UNKNOWN)
    }
    of_place = [
        PlaceAround(*each)
        for each in zip(
            found,
            radius,
            told.reports.tolist(),
            told.per_100_spaces,
            *(judged[answer] for answer in (OPEN, CLOSED, UNKNOWN)),
            strict=True,
        )
    ]
    made = []
    for kind in kinds:
        members = [at for at, place in enumerate(found) if place.kind == kind]
        number = np.full(len(found) + 1, -1, dtype=np.int64)
        number[members] = np.arange(len(members))
        own = np.flatnonzero(number[told.nearest] >= 0)
        made.append(
            KindAround(
                kind,
                month,
                tuple(categories),
                tuple(of_place[at] for at in members),
                number[told.nearest[own]],
                rows["lon"][own],
                rows["lat"][own],
                verdict[own],
                rhythm_of(rows["moment"][own], verdict[own], jurisdiction.zone),
                open_shares([hours[at] for at in members], month, last_day(month).day),
            )
        )
    return made
