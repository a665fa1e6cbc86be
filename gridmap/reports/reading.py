"""Blocks of a file's text -> batches of reports. Touches no database.

Columns are looked at as wholes. A row that this quick look cannot pass is looked at alone, by the same checks
that a report sent by itself goes through (intake.check), and they decide: what is refused, and with which
words, does not depend on the quick look.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gridmap.errors import BadInput, GridmapError
from gridmap.geometry.datums import DATUMS
from gridmap.reports.batch import NO_DATUM, Batch
from gridmap.reports.categories import UNSORTED, Vocabulary, local_code
from gridmap.reports.intake import (
    ACCURACY_MOST_M,
    CLIENT_ID_MOST,
    DESCRIPTION_MOST,
    EARLIEST,
    NAME_MOST,
    check,
)
from gridmap.reports.model import NewReport
from gridmap.reports.times import microseconds, parse_time, parse_times
from gridmap.tabular import Block, plain_number, plain_numbers
from gridmap.text import check_text, flaw

Texts = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file: what the flags of `gridmap reports import` say."""

    datum: str | None = None  # of every row without one of its own
    columns: dict[str, str | None] = field(default_factory=dict)  # field of a report -> heading
    category: str | None = None  # of every row where no column says
    add_categories: bool = False  # make local categories of names that are not known
    dates: str | None = None  # "dmy" or "mdy" for 05/06/2023
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A block as a batch: `rows` are the places in the block that its reports come from."""

    batch: Batch
    rows: NDArray[np.intp]
    errors: dict[int, GridmapError]  # by place in the block


class Words:
    """Category words of a file -> codes. `new`: names -> codes to be made, where the flags allow it."""

    def __init__(self, known: Vocabulary, reading: Reading):
        self._known = known
        self._add = reading.add_categories
        self._default = reading.category or UNSORTED
        known.check(self._default)
        self.new: dict[str, str] = {}
        self._codes: dict[str, str] = {}

    def code(self, word: str | None) -> str:
        """Raises BadInput for a word that is no category and cannot become one."""
        if not word:
            return self._default
        if (code := self._codes.get(word)) is None:
            code = self._known.find(word)
            if code is None and self._add:
                name = check_text(word, "category", most=200, least=1, lines=False)
                code = self.new[name] = local_code(name)
            self._codes[word] = code = code or self._known.check(word)
        return code


@dataclass(frozen=True, slots=True)
class Reader:
    """What is the same for all blocks of a file. `columns`: field of a report -> heading."""

    columns: Mapping[str, str]
    reading: Reading
    order: str | None  # of day and month
    zone: ZoneInfo
    words: Words
    known: Vocabulary

    def read(self, block: Block) -> Read:
        """The reports of a block, and an error for each row that cannot be one."""
        batch, doubtful = self._quick(block)
        doubtful[list(block.problems)] = True
        errors: dict[int, GridmapError] = {}
        for place in np.flatnonzero(doubtful).tolist():
            try:
                batch.put(place, self.careful(block, place))
            except GridmapError as error:
                errors[place] = error
        if not errors:
            return Read(batch, np.arange(len(block)), errors)
        rows = np.setdiff1d(np.arange(len(block)), list(errors))
        return Read(batch.take(rows), rows, errors)

    def careful(self, block: Block, place: int) -> NewReport:
        """One row alone. Raises what is wrong with it."""
        if problem := block.problems.get(place):
            raise BadInput(problem)
        value = {name: block.columns[heading][place] for name, heading in self.columns.items()}
        moment = value.get("occurred_at")
        if not moment:
            raise BadInput("is empty", field="occurred_at")
        lon, lat = plain_number(value.get("lon"), "lon"), plain_number(value.get("lat"), "lat")
        draft = NewReport(
            category=self.words.code(value.get("category")),
            description=value.get("description") or "",
            occurred_at=parse_time(moment, self.zone, self.order),
            client_id=value.get("client_id"),
            lon=lon,
            lat=lat,
            datum=(value.get("datum") or self.reading.datum) if lon is not None else None,
            accuracy_m=plain_number(value.get("accuracy_m"), "accuracy_m") if lon is not None else None,
            named_area=value.get("named_area") if lon is None and lat is None else None,
        )
        return check(draft, self.known, own=self.words.new.values())

    def _quick(self, block: Block) -> tuple[Batch, NDArray[np.bool_]]:
        """The block as a batch, right where it is not doubtful."""
        count = len(block)

        def column(name: str) -> list[str | None]:
            return block.columns[self.columns[name]] if name in self.columns else [None] * count

        occurred, doubtful = parse_times(column("occurred_at"), self.zone, self.order)
        latest = microseconds(datetime.now(UTC) + timedelta(days=1))
        doubtful |= (occurred < microseconds(EARLIEST)) | (occurred > latest)
        numbers = {}
        for name in ("lon", "lat", "accuracy_m"):
            numbers[name], unread = plain_numbers(column(name))
            doubtful |= unread
        lon, lat, accuracy = numbers["lon"], numbers["lat"], numbers["accuracy_m"]
        located = ~np.isnan(lon)
        doubtful |= located != ~np.isnan(lat)
        doubtful |= located & ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
        doubtful |= located & ((accuracy <= 0) | (accuracy > ACCURACY_MOST_M))
        accuracy[~located] = np.nan
        datum = self._datums(column("datum"))
        doubtful |= located & (datum == NO_DATUM)
        datum[~located] = NO_DATUM
        named = [
            None if at else name for at, name in zip(located.tolist(), column("named_area"), strict=True)
        ]
        doubtful |= ~located & ~_fit(named, NAME_MOST, least=1)
        descriptions = [text or "" for text in column("description")]
        doubtful |= ~_fit(descriptions, DESCRIPTION_MOST, lines=True)
        clients = column("client_id")
        doubtful |= ~_fit(clients, CLIENT_ID_MOST)
        categories = self._categories(column("category"))
        doubtful |= np.array([code is None for code in categories], bool)
        batch = Batch(
            [code or "" for code in categories],
            descriptions,
            occurred,
            list(clients),
            lon,
            lat,
            datum,
            accuracy,
            named,
            [None] * len(named),
        )
        return batch, doubtful

    def _categories(self, texts: Texts) -> list[str | None]:
        codes: dict[str | None, str | None] = {}
        for word in dict.fromkeys(texts):
            try:
                codes[word] = self.words.code(word)
            except BadInput:
                codes[word] = None
        return [codes[word] for word in texts]

    def _datums(self, texts: Texts) -> NDArray[np.int8]:
        index = {name: place for place, name in enumerate(DATUMS)}
        default = index.get(self.reading.datum or "", NO_DATUM)
        return np.array([index.get(text, NO_DATUM) if text else default for text in texts], np.int8)


def _fit(texts: Texts, most: int, *, least: int = 0, lines: bool = False) -> NDArray[np.bool_]:
    """Which texts are stored as they are; a missing one only where `least` is 0."""
    given = [text for text in texts if text]
    if least == 0 or len(given) == len(texts):
        short = max(map(len, given), default=0) <= most
        if short and flaw("".join(given), limit=sys.maxsize, lines=lines) is None:
            return np.ones(len(texts), bool)
    return np.array(
        [flaw(text, limit=most, lines=lines) is None if text else least == 0 for text in texts], bool
    )
