"""The figures of the published 2023 report, and the work records that carry them.

The report says "over" for some; the demonstration takes the number itself.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """A counted outcome: kind of work record, unit, total, its period, and how it was counted."""

    kind: str
    unit: str
    total: Decimal
    start: date
    end: date
    records: int  # into how many work records the total is split
    step: Decimal = Decimal(1)  # quantities are multiples of it


GRID_CHIEFS, BUILDING_CHIEFS, UNIT_CHIEFS, PARTY_BRANCHES = 38, 239, 377, 28

YEAR = (date(2023, 1, 1), date(2023, 12, 31))
SINCE_JULY_2022 = (date(2022, 7, 1), date(2023, 12, 31))

DISPUTES_FOUND = 31
DISPUTES = Figure("dispute_settled", "起", Decimal(28), *YEAR, 28)
CASES_FROM_ABOVE = Figure("case_settled", "起", Decimal(19), *YEAR, 19)
STABILITY = Figure("stability_case", "件", Decimal(18), *YEAR, 18)
DEMOLISHED = Figure("illegal_building_demolished", "处", Decimal(119), *SINCE_JULY_2022, 119)
STOPPED = Figure("illegal_building_stopped", "处", Decimal(36), *SINCE_JULY_2022, 36)

COUNTED = (
    Figure("notice_board_replaced", "块", Decimal(26), *YEAR, 20),
    Figure("poster_renewed", "m2", Decimal(20000), *YEAR, 84, Decimal(10)),
    Figure("advert_removed", "条", Decimal(8900), *YEAR, 168),
    Figure("corridor_cleaned", "处", Decimal(1650), *YEAR, 132),
    Figure("rubbish_corner_cleared", "处", Decimal(100), *YEAR, 64),
    Figure("rubbish_hauled", "t", Decimal(21), *YEAR, 46, Decimal("0.1")),
    Figure("greenery_trimmed", "m2", Decimal(20000), *YEAR, 56, Decimal(10)),
    Figure("pile_tidied", "处", Decimal(366), *YEAR, 108),
)
# Events, and what was done for residents.
EVENTS = (
    Figure("film_showing", "场", Decimal(72), *YEAR, 72),
    Figure("volunteer_day", "场", Decimal(50), *YEAR, 50),
    Figure("festival_event", "场", Decimal(30), *YEAR, 30),
    Figure("culture_event", "场", Decimal(10), *YEAR, 10),
    Figure("performance", "场", Decimal(8), *YEAR, 8),
    Figure("job_fair", "场", Decimal(3), *YEAR, 3),
    Figure("job_found", "人", Decimal(12), *YEAR, 5),
    Figure("errand", "件", Decimal(200), *YEAR, 84),
    Figure("counter_matter", "件", Decimal(2100), *YEAR, 132),
)
OUTCOMES_AND_EFFORTS = (DISPUTES, CASES_FROM_ABOVE, STABILITY, DEMOLISHED, STOPPED, *COUNTED)
ALL_FIGURES = (*OUTCOMES_AND_EFFORTS, *EVENTS)

PARKING_PLACES = 2046  # the report: over 2,000, motor and non-motor together
COMPOUND_STATIONS = 7
