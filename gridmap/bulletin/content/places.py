"""Parking and markets: what happens around them, and when, against their opening hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gridmap.bulletin.model import Cell, Heading, Section, Table
from gridmap.bulletin.voice import Voice, number
from gridmap.maps.openings import hours_text
from gridmap.maps.words import kind_name, titled
from gridmap.places.hours import is_open
from gridmap.statistics.digests.model import Digest, PlaceDigest
from gridmap.statistics.months import last_day
from gridmap.statistics.rhythm import Rhythm

Bools = NDArray[np.bool_]
LISTED = 24  # places of a table, those with most reports first
CLASSES = (1, 2, 4, 8)  # lower limits of the rhythm's classes, reports in an hour of the week


@dataclass(frozen=True, slots=True)
class Week:
    """The rhythm of one kind of place; `open`: hours of the week, (7, 24), at which any of them is open."""

    kind: str
    title: str
    rhythm: Rhythm
    open: Bools
    said: str


def section(digest: Digest, voice: Voice) -> Section:
    parking = [place for place in digest.places if place.kind == "parking"]
    markets = [place for place in digest.places if place.kind != "parking"]
    tables = [
        _table(each, caption, voice)
        for each, caption in ((markets, "markets"), (parking, "parking_table"))
        if each
    ]
    return Section(
        voice("places_title"),
        (voice("places_lead") if digest.places else voice("places_none"),),
        tuple(tables),
        notes=(voice("places_note"), voice("rhythm_note")) if digest.places else (),
    )


def _table(places: list[PlaceDigest], caption: str, voice: Voice) -> Table:
    markets = caption == "markets"
    headings = [
        Heading(voice("place"), share=1),
        Heading(voice("capacity_short"), "right"),
        Heading(voice("radius"), "right"),
        Heading(voice("count"), "right"),
        Heading(voice("per_100_stalls" if markets else "per_100"), "right"),
    ]
    if markets:
        headings.insert(1, Heading(voice("hours"), share=0.4))
    rows = tuple(_row(each, markets, voice) for each in places[:LISTED])
    return Table(voice(caption), tuple(headings), rows, more=len(places) - len(rows))


def _row(place: PlaceDigest, market: bool, voice: Voice) -> tuple[Cell, ...]:
    name = titled(place.name, place.name_en, voice.lang)
    hours = hours_text(place.opening_hours, voice.lang) if place.opening_hours else ""
    return (
        Cell(name),
        *([Cell(hours, "quiet")] if market else []),
        Cell("—" if place.capacity is None else f"{place.capacity:,}"),
        Cell(f"{place.radius_m:,.0f} m", "quiet"),
        Cell(f"{place.reports:,}", "strong" if place.reports else "quiet"),
        Cell(number(place.per_100_spaces)),
    )


def weeks(digest: Digest, voice: Voice) -> list[Week]:
    """The rhythm of each kind, markets before parking."""
    made = []
    for kind, rhythm in sorted(digest.rhythms.items(), key=lambda pair: (pair[0] == "parking", pair[0])):
        hours = [place.opening_hours for place in digest.places if place.kind == kind]
        beyond, whole = int(rhythm.beyond.sum()), int(rhythm.every.sum())
        said = voice.many(whole, "reports")
        if beyond:
            said += voice("rhythm_beyond", n=f"{beyond:,}", share=number(100 * beyond / whole, 0))
        title = kind_name(kind, voice.lang)
        made.append(Week(kind, title, rhythm, open_hours(digest, [h for h in hours if h]), said))
    return made


def open_hours(digest: Digest, hours: list[str]) -> Bools:
    """(7, 24): whether any of the texts is open at half past the hour on most such weekdays of the month."""
    zone = ZoneInfo(digest.heat.time_zone)
    days = last_day(digest.heat.month).day
    opened, many = np.zeros((7, 24)), np.zeros((7, 1))
    for day in (digest.heat.month + timedelta(days=n) for n in range(days)):
        many[day.weekday()] += 1
        for hour in range(24):
            moment = datetime.combine(day, time(hour, 30), zone)
            opened[day.weekday(), hour] += any(is_open(text, moment, zone) for text in set(hours))
    return np.asarray(opened > many / 2)
