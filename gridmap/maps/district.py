"""The district map: every area and every place, on a muted drawing of the town."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from gridmap.maps import colours, layers
from gridmap.maps.basemaps import Basemap
from gridmap.maps.coverage import LOOKS, POSTS, Coverage
from gridmap.maps.page import Entrance, Frame, Link, Scene, SceneMap, fragment, render
from gridmap.maps.symbols import symbol_svg
from gridmap.maps.words import kind_name, titled, words
from gridmap.places.model import PLACE_KINDS
from gridmap.statistics.model import Titled

_SWITCHED = ("subdistrict", "community", "grid", "compound", "building")
_SWATCHES = {  # (fill, border)
    "subdistrict": (colours.COMMUNITY_TINTS[0], f"2px solid {colours.BORDER_COMMUNITY}"),
    "community": (colours.COMMUNITY_TINTS[0], f"2px solid {colours.BORDER_COMMUNITY}"),
    "grid": ("#fff", f"1.5px solid {colours.BORDER_GRID}"),
    "compound": ("#fff7e0", "1.5px dashed #8a6d3b"),
    "building": (colours.BACKDROP["building"], f"1px solid {colours.CASING['building']}"),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """An account of the demonstration, whom it shows, and as what."""

    login: str
    name: str
    role: str


def district_page(
    jurisdiction: Titled,
    illustrative: bool,
    areas: Sequence[Any],
    places: Sequence[Any],
    backdrop: Sequence[tuple[str, str, BaseGeometry]],
    *,
    lang: str = "zh",
    assets: str = "inline",
    basemap: Basemap | None = None,
    links: Mapping[str, str] | None = None,
    chiefs: Coverage | None = None,
    trials: Sequence[Trial] = (),
) -> str:
    """The whole page. `areas`, `places`, `backdrop` as in gridmap.maps.layers; any of them may be empty. Of
    kinds with more than layers.AREAS_DRAWN areas only the number is told.

    `links`: addresses under "district", "places", "rhythm", "heat", "bulletins" (navigation), "language"
    (this page in the other language), and as `entrance` has them; what is missing is not shown. `chiefs`:
    where the three chiefs are; None shows nothing of them. `trials`: accounts of the demonstration that a
    click signs in to. `assets`: see gridmap.maps.page.render.
    """
    text = words(lang)
    kinds = in_order({place.kind for place in places})
    drawn, too_many = layers.drawable(areas)
    data = {
        "words": dict(text),
        "styles": layers.styles_payload(),
        "mask": outline(areas, basemap),
        "bounds": layers.bounds(_extent(areas, places), basemap),
        "areas": layers.areas_payload(drawn, basemap),
        "backdrop": layers.backdrop_payload(backdrop, basemap),
        "frame": layers.bounds([geometry for _, _, geometry in backdrop], None),
        "places": layers.places_payload(places, lang, basemap),
        "kinds": layers.kinds_payload(kinds, lang),
        "basemap": layers.basemap_payload(basemap),
        "chiefs": {"states": chiefs.states, "looks": LOOKS, "on": POSTS} if chiefs else None,
    }
    numbers, places_by_kind = Counter(area.kind for area in drawn), Counter(place.kind for place in places)
    if (
        "community" not in too_many
    ):  # a subdistrict is the outline around its communities, else it is in their place
        del numbers["subdistrict"]
    aside = fragment(
        "district_aside.html",
        words=text,
        areas=[(kind, numbers[kind], _SWATCHES[kind]) for kind in _SWITCHED if numbers[kind]],
        too_many=[(kind, f"{too_many[kind]:,}") for kind in _SWITCHED if kind in too_many],
        kinds=[
            (kind, kind_name(kind, lang), places_by_kind[kind], Markup(symbol_svg(kind))) for kind in kinds
        ],
        chiefs=_chiefs(chiefs, too_many),
        looks=LOOKS,
        has_backdrop=bool(data["backdrop"]),
        illustrative=illustrative,
    )
    name = titled(jurisdiction.name, jurisdiction.name_en, lang)
    frame = Frame(
        title=f"{name} · {text['district_map']}",
        heading=name,
        subtitle=text["district_map"],
        pages=navigation(links or {}, "district", lang),
        language=language(links or {}, lang),
        entrance=entrance(links or {}),
        illustrative=illustrative,
        bar=fragment("trials.html", words=text, trials=trials) if trials else Markup(),
        aside=aside,
        over=fragment("search.html", words=text),
        drawer=True,
    )
    return page_of(Scene("district", data), frame, assets, lang, tiled=basemap is not None)


def _chiefs(chiefs: Coverage | None, too_many: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """(post, how many are vacant, of how many), of those that are drawn on areas that are drawn."""
    if chiefs is None:
        return []
    return [
        (post, f"{vacant:,}", f"{there:,}")
        for post, (there, vacant) in chiefs.counts.items()
        if POSTS[post] not in too_many
    ]


def page_of(scene: Scene, frame: Frame, assets: str, lang: str, *, tiled: bool = False) -> str:
    """A page with one empty map on which the scene draws."""
    # Vectors may stand at any zoom and fill the page better; a basemap's tiles blur between two zooms.
    m = SceneMap(zoomControl=False, zoomSnap=1 if tiled else 0.25)
    m.add_child(scene)
    return render(m, assets, lang, frame=frame)


def navigation(links: Mapping[str, str], current: str, lang: str) -> tuple[Link, ...]:
    """The links between the pages, as far as addresses are given."""
    text = words(lang)
    labels = {
        "my": "my_title",
        "desk": "desk",
        "inspections": "inspections",
        "district": "district_map",
        "places": "places_map",
        "rhythm": "rhythm_map",
        "heat": "heat_map",
        "bulletins": "bulletins",
        "people": "people_page",
    }
    return tuple(Link(text[word], links[key], key == current) for key, word in labels.items() if key in links)


def language(links: Mapping[str, str], lang: str) -> Link | None:
    """The link to the same page in the other language."""
    return Link(words(lang)["other_language"], links["language"]) if "language" in links else None


def entrance(links: Mapping[str, str]) -> Entrance | None:
    """Signing in, where an address "sign_in" is given; where "sign_out" is, signing out whom "who" names."""
    if "sign_out" in links:
        return Entrance(links["sign_out"], links["who"])
    return Entrance(links["sign_in"]) if "sign_in" in links else None


def in_order(kinds: set[str]) -> list[str]:
    """Kinds of places in the order of PLACE_KINDS, others after them by code."""
    known = list(PLACE_KINDS)
    return sorted(kinds, key=lambda kind: (known.index(kind) if kind in known else len(known), kind))


def outline(areas: Sequence[Any], basemap: Basemap | None) -> dict[str, Any] | None:
    """The jurisdiction's outline: the subdistrict, or else all that its widest kind of area covers."""
    for kind in ("subdistrict", "community", "grid"):
        members = [area.geometry for area in areas if area.kind == kind]
        if members:
            return layers.mask(members, basemap)
    return None


def _extent(areas: Sequence[Any], places: Sequence[Any]) -> list[BaseGeometry]:
    return [a.geometry for a in areas] or [shapely.point_on_surface(p.geometry) for p in places]
