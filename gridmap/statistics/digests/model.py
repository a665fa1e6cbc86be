"""Values of a month's digest. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gridmap.statistics.doubts import Difference
from gridmap.statistics.figures import Change, GridFigures
from gridmap.statistics.hotspots import HotSpots
from gridmap.statistics.model import MonthHeat, Titled
from gridmap.statistics.rhythm import Rhythm
from gridmap.works.model import WorkKind

# Which reports are said to belong to a kind of place, and how far around one that gives no radius, metres.
PARKING = ("matter-09009", "matter-09010", "component-02001", "component-02025")
STALLS = ("matter-09001", "matter-09002", "matter-09006", "matter-06010", "matter-06011", "local-teastall")
RELATED = {
    "parking": PARKING,
    "morning_market": STALLS,
    "night_market": STALLS,
    "trunk_market": STALLS,
}
RADIUS_M = 150.0


@dataclass(frozen=True, slots=True)
class CategoryDigest:
    """One category: its reports, changes (None before the first report of the jurisdiction), and the codes of
    grids that are starred hot, or why nothing was tested ("few_reports", "flat", "private")."""

    category: Titled
    count: int
    on_last_month: Change | None
    on_last_year: Change | None
    hot: tuple[str, ...]
    untested: str | None


@dataclass(frozen=True, slots=True)
class PlaceDigest:
    """A place and the reports of RELATED categories within its radius; one between two places is in both."""

    kind: str
    code: str
    name: str
    name_en: str | None
    capacity: int | None
    radius_m: float
    reports: int
    per_100_spaces: float | None
    opening_hours: str | None = None  # in OpenStreetMap's syntax


@dataclass(frozen=True, slots=True)
class WorkDigest:
    """Work records of a kind: quantity and records of the month, quantity of the year up to its end."""

    kind: WorkKind
    quantity: Decimal
    records: int
    of_year: Decimal


@dataclass(frozen=True, slots=True)
class Digest:
    """A month. All counts by grid are cut to the areas that `heat` shows, in its order: its grids, or the
    areas above where those are too many for one map (statistics.shown).

    Whatever lies in a place is of the public categories alone: `heat`'s counts by grid, cells and piles,
    `figures`, `hot`, `difference`. So nothing printed by grid holds a private report (statistics.masking says
    why); `private_left_out` are those of the month. Totals are of all: `heat.total`, `categories`.

    `hot` is of all categories together, without what is in doubt; `difference` says what that left out of
    the surface. `rhythms` are by kind of place. `data_until` is when the newest row was recorded that the
    digest counts: a report of this month or of those that it is compared with, a work record of the year so
    far, a place, an edition of areas; None where there is none. Of the same rows, `data_until` and all else
    but `heat.generated_at` are the same.
    """

    heat: MonthHeat
    figures: tuple[GridFigures, ...]
    hot: HotSpots
    categories: tuple[CategoryDigest, ...]  # most reports first
    difference: Difference
    places: tuple[PlaceDigest, ...]  # most reports first
    rhythms: dict[str, Rhythm]
    works: tuple[WorkDigest, ...]
    private_left_out: int
    as_of: datetime | None = None  # as was known at this moment of recording; None: as is known now
    recut: int | None = None  # the edition of grids that was asked for; None: that of the month's last day
    data_until: datetime | None = None
