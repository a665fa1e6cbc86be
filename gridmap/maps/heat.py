"""The month's heat map: grids by count, the density surface, hot spots, legend, totals and notes, without any
point but piles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.maps import colours, facts, layers, stars
from gridmap.maps.basemaps import Basemap
from gridmap.maps.district import entrance, language, navigation, page_of
from gridmap.maps.page import Frame, Link, Scene, fragment
from gridmap.maps.surface import overlay
from gridmap.maps.words import month_name, short_name, short_number
from gridmap.statistics.doubts import Difference
from gridmap.statistics.left_out import surfaces
from gridmap.statistics.model import MonthHeat
from gridmap.statistics.months import last_day
from gridmap.statistics.significance import Significance, significance

LEADING = 10


def heat_page(
    heat: MonthHeat,
    *,
    lang: str = "zh",
    assets: str = "inline",
    prev_url: str | None = None,
    next_url: str | None = None,
    categories: Sequence[Link] = (),
    downloads: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    basemap: Basemap | None = None,
    daily: Mapping[str, Any] | None = None,
    choose: bool = False,
) -> str:
    """The whole page; with assets="inline" and no links it is one file that needs nothing else.

    `categories`: the choices of the category menu, the present one marked `current`; none hides the menu.
    `downloads`: label → address. `links`: see gridmap.maps.district.district_page. `daily`: the month's days,
    {"url"} to fetch them from or {"items"}, {} where they are too many; none, or a private category: they are
    not played. `choose`: doubts can be ticked, which asks for the page again; else they are only said.
    """
    text = facts.heat_words(heat, lang)
    name = facts.jurisdiction_name(heat, lang)
    month = month_name(heat.month, lang)
    shown, difference = surfaces(heat)
    told = significance(heat)
    frame = Frame(
        title=f"{name} · {facts.title(heat, lang)} · {text['heat_map']}",
        heading=name,
        subtitle=text["heat_map"],
        pages=navigation(links or {}, "heat", lang),
        language=language(links or {}, lang),
        entrance=entrance(links or {}),
        illustrative=heat.illustrative,
        bar=fragment(
            "heat_bar.html",
            words=text,
            month=month,
            prev_url=prev_url,
            next_url=next_url,
            choices=categories,
            category=facts.category_name(heat, lang),
            private=heat.private,
            asked=facts.known(heat, lang),
        ),
        aside=_aside(heat, lang, downloads or {}, told, difference, choose),
    )
    payload = _payload(heat, lang, basemap, told)
    payload["surface"] = overlay(heat, shown, basemap)
    if daily is not None and not heat.private:
        payload["daily"] = {"month": f"{heat.month:%Y-%m}", "days": last_day(heat.month).day, **daily}
    return page_of(Scene("heat", payload, "player"), frame, assets, lang, tiled=basemap is not None)


def _payload(heat: MonthHeat, lang: str, basemap: Basemap | None, told: Significance) -> dict[str, Any]:
    ramp = (colours.ZERO, *colours.classes(len(heat.scale.counts)))
    geometries = [grid.geometry for grid in heat.grids]
    properties = []
    places = layers.label_points(geometries, basemap)
    for number, (grid, at) in enumerate(zip(heat.grids, places, strict=True)):
        fill = ramp[colours.class_of(grid.count or 0, heat.scale.counts)]
        properties.append(
            {
                "code": grid.code,
                "name": grid.name,
                "short": short_name(grid.name, grid.community),
                "community": grid.community,
                "count": grid.count,
                "label": "" if grid.count is None else short_number(grid.count, lang),
                "previous": grid.previous,
                "change": facts.change(grid),
                "density": None if grid.density is None else f"{grid.density:,.1f}",
                "fill": fill,
                "ink": "dark" if colours.ink_on(fill) == "#ffffff" else "light",
                "at": at,
                **stars.properties(told, number),
            }
        )
    return {
        "words": dict(facts.heat_words(heat, lang)),
        "styles": layers.styles_payload(),
        "mask": layers.mask([heat.outline], basemap),
        "bounds": layers.bounds([heat.outline], basemap),
        "grids": layers.features(geometries, properties, basemap),
        "backdrop": layers.backdrop_payload(heat.backdrop, basemap),
        "frame": layers.bounds([geometry for _, _, geometry in heat.backdrop], None),
        "ramp": ramp,
        "limits": heat.scale.counts,
        "piles": layers.pile_payload(heat.piles, basemap, lang),
        "empty": heat.total == 0,
        "basemap": layers.basemap_payload(basemap),
    }


def _aside(
    heat: MonthHeat,
    lang: str,
    downloads: Mapping[str, str],
    told: Significance,
    difference: Difference,
    choose: bool,
) -> Any:
    scale = heat.scale
    count_colours = (colours.ZERO, *colours.classes(len(scale.counts)))
    return fragment(
        "heat_aside.html",
        words=facts.heat_words(heat, lang),
        private=heat.private,
        counts=list(zip(count_colours, ("0", *colours.class_labels(scale.counts, lang)), strict=True)),
        densities=list(
            zip(
                colours.classes(len(scale.densities)),
                [short_number(limit, lang) for limit in scale.densities],
                strict=True,
            )
        ),
        scale=facts.scale(heat, lang),
        stars=stars.listed(heat, told),
        star_classes=stars.legend(),
        why_none=stars.why_none(told, lang),
        doubts=stars.doubts(heat, told, difference, lang),
        choose=choose,
        total=f"{heat.total:,}",
        change=facts.total_change(heat, lang),
        facts=facts.figures(heat, lang),
        leading=[
            {
                "code": grid.code,
                "name": grid.name,
                "community": grid.community,
                "count": f"{grid.count:,}",
                "change": facts.change(grid),
                "trend": facts.trend(grid),
            }
            for grid in heat.leading[:LEADING]
        ],
        downloads=list(downloads.items()),
        notes=facts.notes(heat, lang),
    )
