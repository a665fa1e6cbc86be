"""One offline page around one map: vendored scripts, the one escaping place, header and footer.

A page of our own has no code in its text: what a scene draws is data, and assets/gridmap/start.js, a file
like the others, takes it from there. So the policy of such a page allows files from this host alone, whatever
is in the page, and its text can be kept and compared as it is: no nonce to put into each answer, no hash to
carry beside it. Maps made with Folium itself (folium_map) do hold a script; the service serves none of them.

Not here: what lies on the map (layers, district, places, heat).
"""

from __future__ import annotations

import base64
import html
import json
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from branca.element import CssLink, Element, Figure, JavascriptLink, MacroElement
from markupsafe import Markup

from gridmap.maps.words import HTML_LANG, words

ASSETS = Path(__file__).parent / "assets"

# Folium registers what it needs under these names; what is not here is not vendored and stops the rendering.
FILES = {
    "leaflet": "leaflet/leaflet.js",
    "leaflet_css": "leaflet/leaflet.css",
    "jquery": "jquery/jquery.min.js",
}
_MARKER_IMAGES = {
    "iconUrl": "leaflet/images/marker-icon.png",
    "iconRetinaUrl": "leaflet/images/marker-icon-2x.png",
    "shadowUrl": "leaflet/images/marker-shadow.png",
}
_OUTSIDE = re.compile(
    r"""<(?:script|link|img|iframe|source|object|embed)\b[^>]*?\b(?:src|href|data)\s*=\s*["']?(?:https?:)?//[^"'\s>]+"""
    r"""|url\(\s*["']?(?:https?:)?//[^)]+\)|@import\b[^;]+""",
    re.IGNORECASE,
)
# In a JavaScript template literal or a Jinja template these mean something even after HTML escaping.
_ACTIVE = str.maketrans({c: f"&#{ord(c)};" for c in "`${}\\"} | {"\0": "�"})

_NOTHING = Markup("")

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def safe(text: object) -> str:
    """Any text, made harmless for every place where Folium takes a string.

    Folium lays strings into HTML, into JavaScript template literals and into Jinja templates at once, so
    HTML's own characters and also `` ` $ { } \\ `` become character references; lone surrogates, which no
    file can hold, become question marks.
    """
    clean = str(text).encode("utf-8", "replace").decode("utf-8")
    return html.escape(clean, quote=True).translate(_ACTIVE)


def script_json(value: Any) -> str:
    """JSON that can stand inside a <script>: no `<`, `>`, `&`, line separators or lone surrogates."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled address in header, footer or panel; `current` marks the page one is on."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Entrance:
    """Signing in or out. `url`: of the page to sign in, or where the form that signs `name` out goes."""

    url: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the map. All strings are plain text; `bar`, `aside`, `over`, `below` are
    finished HTML."""

    title: str
    heading: str
    subtitle: str = ""
    pages: tuple[Link, ...] = ()
    language: Link | None = None
    entrance: Entrance | None = None
    illustrative: bool = False
    bar: Markup = _NOTHING
    aside: Markup = _NOTHING
    over: Markup = _NOTHING  # lies over the map
    below: Markup = _NOTHING  # what follows under the map; the whole page then scrolls
    drawer: bool = False  # on a phone the aside is a drawer over the map, else it stands below


class SceneMap(MacroElement):
    """The empty map that a scene of our own draws on: where `folium_map.OfflineMap` writes a script for
    Leaflet, the map's options stand beside it for start.js.

    Folium itself is left out: it brings pandas, 60 MB and half a second, of which such a page needs nothing.
    """

    _template = jinja2.Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id="{{ this.get_name() }}"
            data-options="{{ this.options|tojson|forceescape }}"></div>
        {% endmacro %}
        """
    )

    def __init__(self, **options: Any):
        """`options` are those of Leaflet's map."""
        super().__init__()
        self._name = "Map"
        self.options = {"center": [0, 0], "zoom": 1, "maxZoom": 20} | options
        Figure().add_child(self)

    def render(self, **kwargs: Any) -> str:
        figure = self.get_root()
        assert isinstance(figure, Figure)
        figure.header.add_child(JavascriptLink(FILES["leaflet"]), name="leaflet")
        figure.header.add_child(CssLink(FILES["leaflet_css"]), name="leaflet_css")
        return super().render(**kwargs) or ""


class _Verbatim(Element):
    """Text that is not read as a template again: branca compiles every string it is given as Jinja."""

    def __init__(self, text: str):
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:
        return self.text


class Scene(MacroElement):
    """Hands `data` (JSON values) to our own script: start.js calls `gridmap.<name>(map, data)`.

    Text in `data` reaches the page as JSON and is shown by textContent only; nothing of it is ever HTML.
    """

    def __init__(self, name: str, data: Any, *parts: str):
        """`parts`: further scripts of assets/gridmap that the scene's own one uses."""
        super().__init__()
        self._name = "Scene"
        self.name = name
        self.parts = parts
        self.json = script_json(data)

    def render(self, **kwargs: Any) -> str:
        figure = self.get_root()
        assert isinstance(figure, Figure)
        assert self._parent is not None
        for part in ("base", "backdrop", "marks", *self.parts, self.name):
            figure.header.add_child(JavascriptLink(f"gridmap/{part}.js"), name=f"gridmap_{part}")
        figure.header.add_child(CssLink("gridmap/gridmap.css"), name="gridmap_css")
        if (ASSETS / "gridmap" / f"{self.name}.css").exists():
            figure.header.add_child(CssLink(f"gridmap/{self.name}.css"), name=f"gridmap_{self.name}_css")
        of = f'data-scene="{self.name}" data-map="{self._parent.get_name()}"'
        block = f'<script type="application/json" {of}>{self.json}</script>'
        figure.html.add_child(_Verbatim(block), name=self.get_name())
        return ""


def fragment(template: str, **values: Any) -> Markup:
    """A piece of HTML for a Frame from a template in templates/; every value is escaped."""
    return Markup(_templates.get_template(template).render(**values))


def render(m: Element, assets: str = "inline", lang: str = "zh", *, frame: Frame | None = None) -> str:
    """The whole page as HTML.

    `assets` is "inline" (one self-contained file) or the address prefix under which the folder `ASSETS` is
    served, as "/static/vendor/". The same input gives the same text. Raises LookupError when something on
    the map would be fetched from another host.
    """
    figure = m.get_root()
    assert isinstance(figure, Figure)  # Folium puts every map into one
    if any(element._name == "Popup" for element in _tree(figure)):
        figure.header.add_child(JavascriptLink(FILES["jquery"]), name="jquery")
    for child in list(figure._children.values()):  # registers scripts and links, as Figure.render does
        child.render()
    page = _templates.get_template("page.html").render(
        frame=frame or Frame(title=figure.title or "gridmap", heading=""),
        words=words(lang),
        lang=lang,
        html_lang=HTML_LANG[lang],
        head=Markup(_head(figure, assets)),
        map_html=Markup("\n".join(child.render() for child in figure.html._children.values())),
        script=Markup(_script(figure, assets)),
        start=Markup(_linked("gridmap_start", JavascriptLink("gridmap/start.js"), assets)),
    )
    return _same_ids(page, figure)


def _tree(element: Element) -> Iterator[Element]:
    yield element
    parts = (getattr(element, name, None) for name in ("header", "html", "script"))  # of figures and popups
    for part in (*parts, *element._children.values()):
        if isinstance(part, Element):
            yield from _tree(part)


def _same_ids(page: str, figure: Figure) -> str:
    """Folium's random ids, numbered in the order in which they appear."""
    ids = {element._id for element in _tree(figure)}
    order: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        if match[0] not in ids:
            return match[0]
        return order.setdefault(match[0], f"{len(order) + 1:032x}")

    return re.sub(r"[0-9a-f]{32}", number, page)


def _head(figure: Figure, assets: str) -> str:
    parts = []
    for name, element in figure.header._children.items():
        if isinstance(element, JavascriptLink | CssLink):
            parts.append(_linked(name, element, assets))
        elif name != "meta_http":
            parts.append(_without_outside(element.render()))
    return "\n".join(parts)


def _without_outside(text: str) -> str:
    found = _OUTSIDE.search(text)
    if found:
        raise LookupError(f"the page would load from another host: {found[0][:120]}")
    return text


def _linked(name: str, element: JavascriptLink | CssLink, assets: str) -> str:
    path = FILES.get(name) or (element.url if name.startswith("gridmap_") else None)
    if path is None:
        raise LookupError(f"{name} ({element.url}) is not vendored; see gridmap/maps/assets/README.md")
    script = isinstance(element, JavascriptLink)
    if assets == "inline":
        return f"<script>{_script_text(path)}</script>" if script else f"<style>{_style_text(path)}</style>"
    address = html.escape(assets + path, quote=True)
    return f'<script src="{address}"></script>' if script else f'<link rel="stylesheet" href="{address}">'


@cache
def _script_text(path: str) -> str:
    text = (ASSETS / path).read_text(encoding="utf-8")
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text).replace("</script", "<\\/script").strip()


@cache
def _style_text(path: str) -> str:
    folder = (ASSETS / path).parent

    def inlined(match: re.Match[str]) -> str:
        target = match[1].strip("'\"")
        return match[0] if target.startswith(("data:", "#")) else f"url({data_uri(folder / target)})"

    return _without_outside(re.sub(r"url\(([^)]*)\)", inlined, (ASSETS / path).read_text(encoding="utf-8")))


@cache
def data_uri(path: Path) -> str:
    """A vendored file as a data: address."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _script(figure: Figure, assets: str) -> str:
    """What Folium's own elements want run; nothing where there are none."""
    if not figure.script._children:
        return ""
    # Leaflet looks for its marker images beside its style sheet, which an inlined page does not have.
    images = {
        key: data_uri(ASSETS / path) if assets == "inline" else assets + path
        for key, path in _MARKER_IMAGES.items()
    }
    icons = (
        f"delete L.Icon.Default.prototype._getIconUrl; L.Icon.Default.mergeOptions({script_json(images)});"
    )
    return "\n".join([icons, *(child.render() for child in figure.script._children.values())])
