"""Hot spots of parking, markets and the rest: sized by capacity, with reach, opening hours and a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from gridmap.maps import layers
from gridmap.maps.basemaps import Basemap
from gridmap.maps.district import entrance, in_order, language, navigation, outline, page_of
from gridmap.maps.openings import hours_text
from gridmap.maps.page import Frame, Link, Scene, fragment
from gridmap.maps.symbols import symbol_svg
from gridmap.maps.words import kind_name, titled, words
from gridmap.statistics.model import Titled


def places_page(
    jurisdiction: Titled,
    illustrative: bool,
    areas: Sequence[Any],
    places: Sequence[Any],
    backdrop: Sequence[tuple[str, str, BaseGeometry]],
    *,
    kind: str | None = None,
    kinds: Mapping[str, str] | None = None,
    all_url: str | None = None,
    lang: str = "zh",
    assets: str = "inline",
    basemap: Basemap | None = None,
    links: Mapping[str, str] | None = None,
) -> str:
    """The page of the given places (already chosen by the caller; `kind` None means of every kind).

    `areas` draw the outline and the communities' borders and names; only those two kinds are used.
    `kinds`: kind code → address of its own page, `all_url` that of all kinds; both for the row of choices.
    Places with a capacity come first, the largest at the top. `links`: see district_page.
    """
    text = words(lang)
    chosen = sorted(places, key=lambda place: (-(place.capacity or 0), place.kind, place.name, place.code))
    name = titled(jurisdiction.name, jurisdiction.name_en, lang)
    heading = kind_name(kind, lang) if kind else text["places_map"]
    data = {
        "words": dict(text),
        "styles": layers.styles_payload(),
        "mask": outline(areas, basemap),
        "bounds": layers.bounds([a.geometry for a in areas] or [p.geometry for p in chosen], basemap),
        "areas": layers.areas_payload(
            layers.drawable([a for a in areas if a.kind == "community"])[0], basemap
        ),
        "backdrop": layers.backdrop_payload(backdrop, basemap),
        "frame": layers.bounds([geometry for _, _, geometry in backdrop], None),
        "places": layers.places_payload(chosen, lang, basemap),
        "kinds": layers.kinds_payload(in_order({place.kind for place in chosen}), lang),
        "basemap": layers.basemap_payload(basemap),
    }
    frame = Frame(
        title=f"{name} · {heading}",
        heading=name,
        subtitle=heading,
        pages=navigation(links or {}, "places", lang),
        language=language(links or {}, lang),
        entrance=entrance(links or {}),
        illustrative=illustrative,
        bar=_choices(kind, kinds or {}, all_url, lang),
        aside=fragment(
            "places_aside.html",
            words=text,
            totals=_totals(chosen, lang),
            places=[_listed(place, lang, kind is None) for place in chosen],
            illustrative=illustrative,
        ),
    )
    return page_of(Scene("places", data), frame, assets, lang, tiled=basemap is not None)


def _choices(kind: str | None, kinds: Mapping[str, str], all_url: str | None, lang: str) -> Markup:
    choices = [(Link(words(lang)["all_kinds"], all_url, kind is None), Markup(""))] if all_url else []
    for code in in_order(set(kinds)):
        choices.append((Link(kind_name(code, lang), kinds[code], code == kind), Markup(symbol_svg(code, 20))))
    return fragment("places_bar.html", words=words(lang), choices=choices) if choices else Markup("")


def _totals(places: Sequence[Any], lang: str) -> list[tuple[str, str]]:
    """Capacities summed per kind, and per sort of vehicle where places say so."""
    text = words(lang)
    rows = []
    for kind in in_order({place.kind for place in places}):
        members = [place for place in places if place.kind == kind and place.capacity is not None]
        if not members:
            continue
        rows.append(
            (f"{kind_name(kind, lang)} · {text['capacity_total']}", f"{sum(p.capacity for p in members):,}")
        )
        for vehicle in ("motor", "non_motor"):
            part = [p.capacity for p in members if (p.properties or {}).get("vehicle") == vehicle]
            if part:
                rows.append((f"　{text[vehicle]}", f"{sum(part):,}"))
    return rows


def _listed(place: Any, lang: str, with_kind: bool) -> dict[str, Any]:
    text = words(lang)
    vehicle = (place.properties or {}).get("vehicle")
    first = [kind_name(place.kind, lang)] if with_kind else []
    if vehicle in ("motor", "non_motor"):
        first.append(text[vehicle])
    if place.opening_hours:
        first.append(hours_text(place.opening_hours, lang))
    lines = [" · ".join(first), place.address or ""]
    return {
        "name": titled(place.name, place.name_en, lang),
        "capacity": place.capacity,
        "lines": [line for line in lines if line],
        "svg": Markup(symbol_svg(place.kind)),
    }
