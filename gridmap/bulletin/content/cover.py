"""The cover: the month's key numbers, and what to look at, each with the areas that it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gridmap.bulletin.content.chance import beyond
from gridmap.bulletin.content.change import changes
from gridmap.bulletin.content.common import grid_name, known, reports, total_change
from gridmap.bulletin.voice import NONE, Voice, number
from gridmap.maps.words import kind_name, titled
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.figures import Change

MOST = 5  # points


@dataclass(frozen=True, slots=True)
class KeyNumber:
    label: str
    value: str
    beside: str


@dataclass(frozen=True, slots=True)
class Point:
    """A sentence, and the codes of the areas that it speaks of."""

    text: str
    areas: tuple[str, ...] = ()


def key_numbers(digest: Digest, voice: Voice) -> tuple[KeyNumber, ...]:
    heat, hot = digest.heat, digest.hot
    with_reports = sum(reports(grid) > 0 for grid in heat.grids)
    stars = int(hot.hot.sum())
    return (
        KeyNumber(voice("total"), f"{heat.total:,}", _on_last(total_change(digest, 1), voice)),
        KeyNumber(
            voice("areas_with_reports"), f"{with_reports:,}", voice("of_areas", n=f"{len(heat.grids):,}")
        ),
        KeyNumber(
            voice("hot_areas"),
            NONE if hot.reason else str(stars),
            voice("untested_month") if hot.reason else voice("at_level", level=f"{hot.level:g}"),
        ),
        KeyNumber(voice("in_doubt"), f"{digest.difference.left_out:,}", voice("left_out_short")),
    )


def _on_last(change: Change | None, voice: Voice) -> str:
    if change is None:
        return voice("no_comparison")
    percent = voice.percent(change)
    bracketed = "" if percent == NONE else voice("in_brackets", text=percent)
    return f"{voice('on_last_month')} {voice.change(change)}{bracketed}"


def alt(digest: Digest, voice: Voice) -> str:
    """What the cover's map shows, in words."""
    names = sorted({grid.community for grid in digest.heat.grids if grid.community})
    return voice("cover_map_alt", names=voice.list(names or [voice.name(digest.heat.jurisdiction)]))


def points(digest: Digest, voice: Voice) -> tuple[Point, ...]:
    """What to look at, at most MOST; one that says there is nothing, for a month without reports."""
    first = digest.heat.first_month
    if first and digest.heat.month < first:
        return (Point(voice("point_before", first=voice.month(first))),)
    if not digest.heat.total:
        return (Point(voice("point_nothing")),)
    every = (_busiest, _stars, _rise, _category, _beyond_hours, _parking)
    return tuple(point for each in every for point in each(digest, voice))[:MOST]


def _busiest(digest: Digest, voice: Voice) -> Iterator[Point]:
    if not digest.heat.leading:
        return
    grid = digest.heat.leading[0]
    inside = sum(map(reports, digest.heat.grids))
    yield Point(
        voice(
            "point_busiest",
            name=grid_name(grid),
            reports=voice.many(reports(grid), "reports"),
            share=number(100 * reports(grid) / inside),
        ),
        (grid.code,),
    )


def _stars(digest: Digest, voice: Voice) -> Iterator[Point]:
    hot, grids = digest.hot, digest.heat.grids
    if hot.reason:
        return
    starred = sorted((at for at in range(len(grids)) if hot.hot[at]), key=lambda at: -hot.z[at])
    if starred:
        names = voice.list([grid_name(grids[at]) for at in starred[:3]])
        key = "point_stars" if len(starred) <= 3 else "point_stars_more"
        yield Point(voice(key, names=names, n=len(starred)), tuple(grids[at].code for at in starred))
        return
    by_code = {grid.code: grid_name(grid) for grid in grids}
    found = [each for each in digest.categories if each.hot]
    if not found:
        yield Point(voice("point_no_stars"))
        return
    parts = [
        voice(
            "point_category_star",
            category=voice.name(each.category),
            names=voice.list([by_code.get(code, code) for code in each.hot[:3]]),
        )
        for each in found[:2]
    ]
    yield Point(
        voice("point_only_categories", parts=voice.list(parts)),
        tuple(code for each in found[:2] for code in each.hot[:3]),
    )


def _rise(digest: Digest, voice: Voice) -> Iterator[Point]:
    if not known(digest, 1):
        return
    up = [(grid, change) for grid, _, change in changes(digest) if change.by > 0]
    if not up:
        return
    grid, change = min(up, key=lambda pair: (-pair[1].by, pair[0].code))
    yield Point(
        voice(
            "point_rise",
            name=grid_name(grid),
            before=f"{change.before:,}",
            now=f"{change.before + change.by:,}",
            judged=_judged(change, voice),
        ),
        (grid.code,),
    )


def _category(digest: Digest, voice: Voice) -> Iterator[Point]:
    up = [
        (each, each.on_last_month)
        for each in digest.categories
        if each.on_last_month is not None and each.on_last_month.by > 0
    ]
    if not up:
        return
    each, change = min(up, key=lambda pair: (-pair[1].by, pair[0].category.code))
    yield Point(
        voice(
            "point_category",
            name=voice.name(each.category),
            before=f"{change.before:,}",
            now=f"{each.count:,}",
            judged=_judged(change, voice),
        )
    )


def _judged(change: Change, voice: Voice) -> str:
    return voice("more_than_chance" if beyond(change) else "within_chance")


def _beyond_hours(digest: Digest, voice: Voice) -> Iterator[Point]:
    markets = {kind: rhythm for kind, rhythm in digest.rhythms.items() if kind != "parking"}
    if not markets:
        return
    kind, rhythm = max(markets.items(), key=lambda pair: (int(pair[1].beyond.sum()), pair[0]))
    outside, whole = int(rhythm.beyond.sum()), int(rhythm.every.sum())
    if outside:
        yield Point(
            voice(
                "point_beyond",
                kind=kind_name(kind, voice.lang),
                reports=voice.many(whole, "reports"),
                n=f"{outside:,}",
            )
        )


def _parking(digest: Digest, voice: Voice) -> Iterator[Point]:
    parking = [place for place in digest.places if place.kind == "parking" and place.per_100_spaces]
    if not parking:
        return
    place = max(parking, key=lambda each: (each.per_100_spaces or 0.0, each.code))
    yield Point(
        voice(
            "point_parking",
            name=titled(place.name, place.name_en, voice.lang),
            reports=voice.many(place.reports, "reports"),
            rate=number(place.per_100_spaces),
        )
    )
