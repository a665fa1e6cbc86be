"""The small drawings that stand for kinds of places: strokes on a 24 × 24 field, drawn for gridmap."""

from __future__ import annotations

from gridmap.maps.colours import OTHER_PLACE, PLACES

_STROKES = {
    "parking": "M9 19V5h4.6a4 4 0 0 1 0 8H9",
    "morning_market": "M3.5 18h17M7 18a5 5 0 0 1 10 0M12 5.5v3.5M5 9.5l2.2 2.2M19 9.5l-2.2 2.2",
    "night_market": "M18.5 14.5A7.5 7.5 0 0 1 9.5 5.5a7.5 7.5 0 1 0 9 9z",
    "trunk_market": "M3.5 15.5v-3.3L6 7.5h7l4.5 4.5 3 .8v2.7z"
    "M7 18a1.6 1.6 0 1 0 .1 0zM17 18a1.6 1.6 0 1 0 .1 0z",
    "service_hall": "M4 9.5L12 5l8 4.5zM6.5 12v5M10.2 12v5M13.8 12v5M17.5 12v5M4 19.5h16",
    "parlour": "M4.5 5.5h15v10h-8.5l-4 4v-4h-2.5zM8.5 9h7M8.5 12h4.5",
    "mediation_room": "M12 4.5v14.5M8 19.5h8M5 7.5h14M5.5 7.5l-2.5 6.5h5zM18.5 7.5l-2.5 6.5h5z",
    "day_care": "M12 19.5s-7.5-4.6-7.5-9.7A3.9 3.9 0 0 1 12 8a3.9 3.9 0 0 1 7.5 1.8c0 5.1-7.5 9.7-7.5 9.7z",
    "compound_station": "M3.8 12L12 4.8l8.2 7.2M6 10.5v8.7h12v-8.7M10 19v-5h4v5",
    "rest_stop": "M5.5 9h10.5v5.5a4 4 0 0 1-4 4h-2.5a4 4 0 0 1-4-4z"
    "M16 10.5h1.8a2 2 0 0 1 0 4.3H16M8.7 6.3V4M12.7 6.3V4",
    "driver_home": "M12 4.5a7.5 7.5 0 1 0 .1 0zM12 10a2 2 0 1 0 .1 0zM4.8 11.5H10M14 11.5h5.2M12 14v5.4",
    "restaurant": "M8 4.5v15M5.5 4.5v4a2.5 2.5 0 0 0 5 0v-4M16.5 19.5v-15c-2 1-2.8 3.4-2.8 7h2.8",
    "building_site": "M7.5 19.5v-15M5 19.5h5M4 7.5h15.5M7.5 4.5l8 3M16.5 7.5v4.5M14 12h5v3.5h-5z",
}
_OTHER = "M12 7a5 5 0 1 0 .1 0z"


def symbol(kind: str) -> tuple[str, str]:
    """(colour, SVG path of the strokes) of a kind of place; a plain ring for a kind not known."""
    return PLACES.get(kind, OTHER_PLACE), _STROKES.get(kind, _OTHER)


def symbol_svg(kind: str, size: int = 22) -> str:
    """The symbol as inline SVG for lists and legends. Holds no text from data."""
    colour, path = symbol(kind)
    return (
        f'<svg class="symbol" width="{size}" height="{size}" viewBox="0 0 24 24" aria-hidden="true">'
        f'<rect x=".75" y=".75" width="22.5" height="22.5" rx="6" fill="{colour}"/>'
        f'<path d="{path}" fill="none" stroke="#fff" stroke-width="1.9" '
        f'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
