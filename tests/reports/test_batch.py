"""What is hashed of a report is its JSON, however it is written by columns: stored hashes depend on it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gridmap.reports.batch import FEW, batch_of, bodies
from gridmap.reports.model import NewReport

WORDS = st.text(max_size=12)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))
WHOLE = TIMES.map(lambda moment: moment.replace(microsecond=0))


def reports(times: st.SearchStrategy[datetime], numbers: st.SearchStrategy[float | None]):
    return st.lists(
        st.builds(
            NewReport,
            category=WORDS,
            description=WORDS,
            occurred_at=times.map(lambda moment: moment.replace(tzinfo=UTC)),
            lon=numbers,
            lat=numbers,
            datum=st.sampled_from(["wgs84", "gcj02"]),
            accuracy_m=NUMBERS,
            named_area=st.none() | WORDS,
        ),
        min_size=1,
        max_size=8,
    )


@given(reports(TIMES, NUMBERS) | reports(WHOLE, st.none() | st.floats(60, 140)).map(lambda few: few * FEW))
def test_a_body_is_the_hash_of_its_json(drafts: list[NewReport]) -> None:
    def says(draft: NewReport) -> str:
        datum = draft.datum if draft.lon is not None else None
        time = draft.occurred_at.isoformat()
        where = draft.lon, draft.lat, datum, draft.accuracy_m, draft.named_area
        return json.dumps([draft.category, draft.description, time, *where], ensure_ascii=False)

    expected = [hashlib.sha256(says(draft).encode()).digest() for draft in drafts]
    assert bodies(batch_of(drafts)) == expected
