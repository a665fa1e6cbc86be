"""Text from reports and files never runs: every place where text reaches a Folium map, and our own pages.

Each sink gets all payloads in one page. `bare=True` first shows that the sink is live: raw text does execute
there (or breaks the page), so that the silence of the escaped text means something.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

import folium
import pytest
from playwright.sync_api import expect

from gridmap.maps import layers
from gridmap.maps.basemaps import Basemap
from gridmap.maps.district import district_page
from gridmap.maps.folium_map import OfflineMap
from gridmap.maps.heat import heat_page
from gridmap.maps.page import Frame, Link, Scene, render, safe
from gridmap.maps.places import places_page
from gridmap.maps.words import words
from gridmap.statistics.model import Titled
from tests.browser.conftest import Opened
from tests.maps import sample

PAYLOADS = (
    "</script><script>window.PWN=1</script>",
    "${window.PWN=2}",
    '<img src=x onerror="window.PWN=3">',
    "`+(window.PWN=4)+`",
    "'\"><svg onload=window.PWN=5>",
    "\\`;window.PWN=6;//",
    "{{ ''.__class__.__mro__ }}{% for x in range(9) %}{% endfor %}<script>window.PWN=7</script>",
    "</textarea></style></title><iframe srcdoc='<script>parent.PWN=8</script>'>",
    "');window.PWN=9;//",
    '"};window.PWN=10;//',
    "\u2028window.PWN=11//<a href=javascript:window.PWN=11>x</a>",
    "--><script>window.PWN=12</script><!--",
)
POINT = {"type": "Point", "coordinates": [109.48, 36.6]}


def collection(text: str) -> dict:
    feature = {"type": "Feature", "properties": {"n": text}, "geometry": POINT}
    return {"type": "FeatureCollection", "features": [feature]}


def marker(**options: object) -> folium.Marker:
    return folium.Marker((36.6, 109.48), **options)


def title(m: folium.Map, text: str) -> None:
    m.get_root().title = text


SINKS: dict[str, Callable[[folium.Map, str], object]] = {
    "Popup": lambda m, p: marker(popup=folium.Popup(p, show=True)).add_to(m),
    "Popup parse_html": lambda m, p: marker(popup=folium.Popup(p, parse_html=True, show=True)).add_to(m),
    "Tooltip": lambda m, p: marker(tooltip=folium.Tooltip(p, permanent=True)).add_to(m),
    "DivIcon": lambda m, p: marker(icon=folium.DivIcon(html=p)).add_to(m),
    "GeoJson": lambda m, p: folium.GeoJson(collection(p)).add_to(m),
    "GeoJsonTooltip": lambda m, p: folium.GeoJson(
        collection(p), tooltip=folium.GeoJsonTooltip(["n"], permanent=True)
    ).add_to(m),
    "GeoJsonTooltip alias": lambda m, p: folium.GeoJson(
        collection("x"), tooltip=folium.GeoJsonTooltip(["n"], aliases=[p], permanent=True)
    ).add_to(m),
    "GeoJsonPopup": lambda m, p: folium.GeoJson(collection(p), popup=folium.GeoJsonPopup(["n"])).add_to(m),
    "LayerControl": lambda m, p: folium.FeatureGroup(name=p).add_to(m),
    "tile attribution": lambda m, p: folium.TileLayer("data:,{z}{x}{y}", attr=p).add_to(m),
    "Figure title": title,
    "Element": lambda m, p: m.get_root().html.add_child(folium.Element(f"<h1>{p}</h1>")),
}
# Escaping happens in the page itself: the frame escapes a title, and a GeoJSON property is only data.
HARMLESS_BARE = {"GeoJson", "Figure title"}
OPEN_POPUPS = """() => { for (const key in window) if (key.startsWith("geo_json_") && window[key].eachLayer)
    window[key].eachLayer(layer => layer.fire("click", {latlng: layer.getLatLng()}, true)); }"""


def ran(opened: Opened) -> object:
    """What a payload left behind, after everything that can be opened was opened."""
    opened.page.evaluate(OPEN_POPUPS)
    opened.page.wait_for_timeout(250)
    return opened.page.evaluate("window.PWN === undefined ? null : window.PWN")


def page_with(sink: str, texts: tuple[str, ...]) -> str:
    m = OfflineMap((36.6, 109.48), zoom_start=13)
    for text in texts:
        SINKS[sink](m, text)
    if sink == "LayerControl":
        folium.LayerControl(collapsed=False).add_to(m)
    return render(m)


@pytest.mark.parametrize("sink", SINKS)
def test_safe_text_never_runs(sink: str, open_html: Callable[..., Opened]) -> None:
    opened = open_html(page_with(sink, tuple(safe(text) for text in PAYLOADS)))
    assert ran(opened) is None
    assert opened.errors == []
    assert opened.asked == []


@pytest.mark.parametrize("sink", [sink for sink in SINKS if sink not in HARMLESS_BARE])
def test_the_sinks_are_live(sink: str, open_html: Callable[..., Opened]) -> None:
    """Without `safe` some payload runs or breaks the page; else the test above would prove nothing."""

    def harmful(text: str) -> bool:
        opened = open_html(page_with(sink, (text,)))
        return ran(opened) is not None or bool(opened.errors)

    assert any(harmful(text) for text in PAYLOADS[:4])


def test_safe_text_reads_as_it_was_written(open_html: Callable[..., Opened]) -> None:
    text = "A & B <b>`${x}`</b> {{ y }} \\ 'q' \"d\""
    opened = open_html(page_with("Popup", (safe(text),)))
    assert opened.page.locator(".leaflet-popup-content").inner_text().strip() == text


class Hostile:
    """Stands where the sample takes a pattern for names: each name in turn gets the next payload."""

    def __init__(self) -> None:
        self.turn = cycle(PAYLOADS)

    def format(self, own: object) -> str:
        payload = next(self.turn)
        return f"{payload}{own}{payload}"


EVERYTHING = " ".join(PAYLOADS)


def hostile_places(name: Hostile) -> list[sample.Place]:
    places = [place for _ in range(2) for place in sample.places(name)]
    for place in places:
        place.code, place.address, place.name_en = name.format(""), name.format(""), name.format("")
        place.opening_hours, place.properties = name.format(""), {"vehicle": name.format("")}
        if place.kind == "kite_field":
            place.kind = name.format("")
    return places


def silent(opened: Opened) -> None:
    assert ran(opened) is None
    assert opened.errors == []
    assert opened.asked == []


def test_the_district_map_runs_nothing(open_html: Callable[..., Opened]) -> None:
    name = Hostile()
    areas = sample.areas(name)
    for area in areas:
        area.properties = {key: name.format(value) for key, value in area.properties.items()}
    html = district_page(
        Titled(EVERYTHING, EVERYTHING, EVERYTHING),
        True,
        areas,
        hostile_places(name),
        sample.backdrop(name),
        links={"district": "/", "places": "/p", "heat": "/h", "language": "/?lang=en"},
    )
    opened = open_html(html)
    page = opened.page
    for grid in (area for area in areas if area.kind == "grid"):
        page.fill("#search", grid.code)
        page.keyboard.press("Enter")
        expect(page.locator(".leaflet-popup .details h2").last).to_contain_text(grid.name.split()[0][:8])
    page.evaluate("document.querySelectorAll('.place').forEach(place => place.click())")
    page.fill("#search", "网格")
    page.wait_for_selector("#results li[role=option]")
    silent(opened)


def test_the_places_page_runs_nothing(open_html: Callable[..., Opened]) -> None:
    name = Hostile()
    html = places_page(
        Titled("x", EVERYTHING),
        True,
        sample.areas(name),
        hostile_places(name),
        sample.backdrop(name),
        kind=EVERYTHING,
        kinds=dict.fromkeys(PAYLOADS, "/k"),
        all_url="/a",
    )
    opened = open_html(html)
    for button in opened.page.locator("button[data-place]").all():
        button.click()
    silent(opened)


def test_the_heat_map_runs_nothing(open_html: Callable[..., Opened]) -> None:
    heat = sample.heat(name=Hostile(), category=Titled(EVERYTHING, EVERYTHING))
    html = heat_page(
        heat,
        categories=[Link(payload, f"/maps/heat?category={payload}") for payload in PAYLOADS],
        downloads=dict.fromkeys(PAYLOADS, "/x"),
    )
    opened = open_html(html)
    for row in opened.page.locator(".ranking tbody tr").all():
        row.click()
        expect(opened.page.locator(".reading h2")).to_contain_text("网格")
    opened.page.locator("input[value=density]").check(force=True)
    silent(opened)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_frame_and_attribution_are_text(payload: str, open_html: Callable[..., Opened]) -> None:
    basemap = Basemap(("data:,{z}{x}{y}",), payload, 18, "gcj02")
    m = OfflineMap((36.6, 109.48))
    m.add_child(Scene("district", empty_district(basemap)))
    link = Link(payload, "/", True)
    frame = Frame(payload, payload, payload, pages=(link,), language=link, illustrative=True)
    opened = open_html(render(m, frame=frame))
    assert opened.page.locator(".leaflet-control-attribution").text_content() == payload
    assert opened.page.locator("h1").text_content() == payload
    assert opened.page.title().split() == payload.split()
    silent(opened)


def empty_district(basemap: Basemap) -> dict:
    return {
        "words": dict(words("zh")),
        "styles": layers.styles_payload(),
        "areas": {},
        "backdrop": [],
        "places": [],
        "kinds": [],
        "basemap": layers.basemap_payload(basemap),
    }
