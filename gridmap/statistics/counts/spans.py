"""The reports of a month in pieces, none of which is large, whatever the month holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

PIECE = 300_000  # reports that are read at once, about: 50 bytes each


def pieces(span: tuple[datetime, datetime], reports: int) -> Iterator[tuple[datetime, datetime]]:
    """A span of time in equal pieces, one after the other, for so many reports as it holds."""
    first, last = (moment.astimezone(UTC) for moment in span)
    count = max(1, -(-reports // PIECE))
    edges = [first + (last - first) * k / count for k in range(count)] + [last]
    yield from pairwise(edges)
