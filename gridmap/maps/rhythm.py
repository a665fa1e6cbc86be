"""A month around one kind of place: a map by capacity, the strain on each place, the hours of the week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from gridmap.geometry.cells import LEVEL, cells, centres
from gridmap.maps import layers
from gridmap.maps.basemaps import Basemap
from gridmap.maps.clock import clock, notes
from gridmap.maps.district import entrance, in_order, language, navigation, outline, page_of
from gridmap.maps.openings import hours_text
from gridmap.maps.page import Frame, Link, Scene, fragment
from gridmap.maps.symbols import symbol_svg
from gridmap.maps.words import kind_name, month_name, titled, words
from gridmap.statistics.digests.model import RADIUS_M
from gridmap.statistics.digests.places import KindAround, PlaceAround, by_strain
from gridmap.statistics.model import Titled
from gridmap.statistics.rhythm import CLOSED, OPEN, UNKNOWN

DOTS_MOST = 3_000
FIRST_ROWS = 10  # on a phone, until asked for all
# White, orange, grey: told apart by all, and from the discs of every kind of place.
COLOURS = {OPEN: "#ffffff", CLOSED: "#d9480f", UNKNOWN: "#9aa1ab"}


def rhythm_page(
    jurisdiction: Titled,
    illustrative: bool,
    areas: Sequence[Any],
    backdrop: Sequence[tuple[str, str, BaseGeometry]],
    found: KindAround,
    *,
    kinds: Mapping[str, str],
    categories: Sequence[Link] = (),
    all_url: str | None = None,
    prev_url: str | None = None,
    next_url: str | None = None,
    efforts: Markup = Markup(""),
    services: Markup = Markup(""),
    lang: str = "zh",
    assets: str = "inline",
    basemap: Basemap | None = None,
    links: Mapping[str, str] | None = None,
) -> str:
    """The page of one kind of place in one month.

    `areas` draw the outline and the communities' borders. `kinds`: kind code → address of its own page;
    `categories`: the menu of which reports are counted, `all_url` of them all. `efforts`, `services`: panels
    of gridmap.maps.efforts. `links`: see district_page.
    """
    text = words(lang)
    name = titled(jurisdiction.name, jurisdiction.name_en, lang)
    month = month_name(found.month, lang)
    ranked = by_strain(found.places)
    frame = Frame(
        title=f"{name} · {month} · {kind_name(found.kind, lang)} · {text['rhythm_map']}",
        heading=name,
        subtitle=text["rhythm_map"],
        pages=navigation(links or {}, "rhythm", lang),
        language=language(links or {}, lang),
        entrance=entrance(links or {}),
        illustrative=illustrative,
        bar=fragment(
            "rhythm_bar.html",
            words=text,
            month=month,
            prev_url=prev_url,
            next_url=next_url,
            kinds=[
                (Link(kind_name(code, lang), kinds[code], code == found.kind), Markup(symbol_svg(code, 20)))
                for code in in_order(set(kinds))
            ],
            choices=_menu(categories, all_url, lang),
        ),
        aside=_aside(found, ranked, lang),
        below=fragment(
            "rhythm_below.html",
            words=text,
            heading=text["when_of"].format(month=month, kind=kind_name(found.kind, lang)),
            clock=clock(found.rhythm, found.opening, lang),
            notes=_notes(found, lang),
            efforts=efforts,
            services=services,
        ),
    )
    data = _payload(found, ranked, areas, backdrop, lang, basemap)
    return page_of(Scene("rhythm", data), frame, assets, lang, tiled=basemap is not None)


def _menu(categories: Sequence[Link], all_url: str | None, lang: str) -> list[Link]:
    if all_url is None:
        return list(categories)
    one = any(link.current for link in categories)
    return [Link(words(lang)["related_all"], all_url, not one), *categories]


def _notes(found: KindAround, lang: str) -> list[str]:
    return notes(found.opening, clock(found.rhythm, None, lang).factor, lang)


def _payload(
    found: KindAround,
    ranked: Sequence[PlaceAround],
    areas: Sequence[Any],
    backdrop: Sequence[tuple[str, str, BaseGeometry]],
    lang: str,
    basemap: Basemap | None,
) -> dict[str, Any]:
    places = layers.places_payload([each.place for each in ranked], lang, basemap)
    for entry, each in zip(places, ranked, strict=True):
        entry["radius"] = each.radius_m
        entry["rows"] += _rows(each)
    return {
        "words": dict(words(lang)),
        "styles": layers.styles_payload(),
        "mask": outline(areas, basemap),
        "bounds": layers.bounds(_extent(ranked, areas), basemap),
        "areas": layers.areas_payload(
            layers.drawable([a for a in areas if a.kind == "community"])[0], basemap
        ),
        "backdrop": layers.backdrop_payload(backdrop, basemap),
        "frame": layers.bounds([geometry for _, _, geometry in backdrop], None),
        "places": places,
        "kinds": layers.kinds_payload([found.kind], lang),
        "dots": _dots(found, basemap),
        "basemap": layers.basemap_payload(basemap),
    }


def _rows(each: PlaceAround) -> list[tuple[str, str]]:
    """What the popup of a place adds to what is always known of it."""
    rows = [("reports_around", f"{each.reports:,}"), ("while_open", f"{each.within:,}")]
    rows.append(("while_closed", f"{each.beyond:,}"))
    return rows if each.place.opening_hours else [rows[0]]


def _extent(ranked: Sequence[PlaceAround], areas: Sequence[Any]) -> list[BaseGeometry]:
    """Places with their reach, in degrees that are a little too wide; else the whole district."""
    reach = [each.place.geometry.buffer(each.radius_m / 100_000) for each in ranked]
    return reach or [area.geometry for area in areas]


def _dots(found: KindAround, basemap: Basemap | None) -> list[dict[str, Any]]:
    """Reports in cells of some metres: where, how many, and the colour of whether the place was open."""
    dots: list[dict[str, Any]] = []
    for verdict, colour in COLOURS.items():
        chosen = found.verdict == verdict
        x, y = cells(found.lon[chosen], found.lat[chosen])
        level, where, counts = LEVEL, np.empty((0, 2), np.int64), np.empty(0, np.int64)
        for level in range(LEVEL, 8, -1):
            coarse = np.column_stack([x, y]).astype(np.int64) >> (LEVEL - level)
            where, counts = np.unique(coarse, axis=0, return_counts=True)
            if len(where) <= DOTS_MOST:
                break
        points = [shapely.Point(*at) for at in zip(*centres(where[:, 0], where[:, 1], level), strict=True)]
        dots += [
            {"at": (point.y, point.x), "count": count, "colour": colour}
            for point, count in zip(layers.shown(points, basemap), counts.tolist(), strict=True)
        ]
    return sorted(dots, key=lambda dot: -dot["count"])


def _aside(found: KindAround, ranked: Sequence[PlaceAround], lang: str) -> Markup:
    text = words(lang)
    rhythm = found.rhythm
    keys = [
        (COLOURS[OPEN], text["while_open"], int(rhythm.within.sum())),
        (COLOURS[CLOSED], text["while_closed"], int(rhythm.beyond.sum())),
        (COLOURS[UNKNOWN], text["hours_unknown"], int(rhythm.unknown.sum())),
    ]
    hours = {each.place.opening_hours for each in ranked}
    common = hours.pop() if len(hours) == 1 and len(ranked) > 1 else None
    return fragment(
        "rhythm_aside.html",
        words=text,
        total=f"{int(rhythm.every.sum()):,}",
        near=text["near_places"].format(places=len(ranked)),
        keys=[(colour, label, f"{count:,}") for colour, label, count in keys if count],
        common=hours_text(common, lang) if common else "",
        places=[_listed(each, common is None, lang) for each in ranked],
        nothing=not ranked,
        quiet=bool(ranked) and not rhythm.every.sum(),
        more=text["all_rows"].format(places=len(ranked)) if len(ranked) > FIRST_ROWS else "",
        note=text["spread_over"].format(metres=f"{RADIUS_M:g}"),
    )


def _listed(each: PlaceAround, with_hours: bool, lang: str) -> dict[str, Any]:
    place = each.place
    hours = hours_text(place.opening_hours, lang) if place.opening_hours and with_hours else ""
    return {
        "name": titled(place.name, place.name_en, lang),
        "hours": hours,
        "capacity": "—" if place.capacity is None else f"{place.capacity:,}",
        "reports": f"{each.reports:,}",
        "per_100": "—" if each.per_100_spaces is None else f"{each.per_100_spaces:,.1f}",
        "beyond": f"{each.beyond:,}" if place.opening_hours else "—",
    }
