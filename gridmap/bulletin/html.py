"""The bulletin as one HTML page that needs nothing else: for a phone, a desk, a memory stick, and A4."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass

import jinja2
from PIL import Image

from gridmap import __version__
from gridmap.bulletin.content import categories, change, cover, heat, hot, method, places, works
from gridmap.bulletin.content.common import source
from gridmap.bulletin.content.places import Week, weeks
from gridmap.bulletin.model import Section
from gridmap.bulletin.paper import maps, rhythms
from gridmap.bulletin.printed import Printed, printed
from gridmap.bulletin.voice import Voice, decimals
from gridmap.maps import colours, facts, sheetmap
from gridmap.maps.lettering import Box, Sheet, one_at_a_time
from gridmap.maps.words import HTML_LANG, short_number
from gridmap.statistics.digests.model import Digest

_WIDTH = 132.0  # millimetres of a picture: its letters can be read on a phone, and still fit its grids
_HEIGHTS = (70.0, 165.0)
_COLOURS = 160

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("gridmap.bulletin"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_templates.filters["beyond_point"] = decimals


@dataclass(frozen=True, slots=True)
class Picture:
    """A map as a data: address; `alt` says what it shows; `legend`: (colour, label) of its classes."""

    url: str
    width: int
    height: int
    alt: str
    title: str
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its pictures and, for places, its weeks."""

    id: str
    section: Section
    pictures: tuple[Picture, ...] = ()
    weeks: tuple[Week, ...] = ()


def bulletin_html(
    digest: Digest, *, lang: str = "zh", step: Callable[[str], None] = lambda step: None
) -> bytes:
    """The page as UTF-8; the same digest and version give the same bytes.

    `step` is told the name of each part before it is made; what it raises ends the work. Raises BadInput for
    a language that there is not.
    """
    fit, voice = printed(digest), Voice(lang, digest.heat.kind)
    step("cover")
    points = cover.points(fit.digest, voice)
    first = _picture(
        fit,
        lambda sheet, box: maps.where_to_look(sheet, box, fit.digest, points, voice),
        cover.alt(fit.digest, voice),
        voice("cover_map"),
    )
    parts = []
    for name, make in _PARTS.items():
        step(name)
        parts.append(make(fit, voice))
    step("file")
    page = _templates.get_template("bulletin.html").render(
        heat=digest.heat,
        voice=voice,
        html_lang=HTML_LANG[lang],
        key_numbers=cover.key_numbers(fit.digest, voice),
        points=points,
        first=first,
        parts=parts,
        source=source(digest, voice),
        version=__version__,
        decimals=decimals,
        hour_colour=rhythms.colour,
        ink_on=colours.ink_on,
    )
    # names may hold what no file can, such as half a character
    return page.encode("utf-8", "replace")


def _picture(
    fit: Printed,
    draw: Callable[[Sheet, Box], object],
    alt: str,
    title: str,
    legend: list[tuple[str, str]] | None = None,
) -> Picture:
    high = min(max(_WIDTH * maps.shape(fit.digest.heat), _HEIGHTS[0]), _HEIGHTS[1])
    sheet = Sheet(_WIDTH, high)
    draw(sheet, Box(0, 0, _WIDTH, high))
    with one_at_a_time:
        picture = Image.open(io.BytesIO(sheet.png())).convert("RGB")
    small = picture.quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return Picture(url, *small.size, alt, title, tuple(legend or ()))


def _heat(fit: Printed, voice: Voice) -> Part:
    digest, section = fit.digest, heat.section(fit, voice)
    text = facts.heat_words(digest.heat, voice.lang)
    limits = digest.heat.scale.densities
    densities = zip(
        colours.classes(len(limits)), [f"{short_number(x, voice.lang)}–" for x in limits], strict=True
    )
    counts = _picture(
        fit,
        lambda sheet, box: sheetmap.draw(sheet, box, digest.heat, voice.lang),
        section.figures["heat_map"],
        text["count_legend"],
        maps.count_classes(digest, voice),
    )
    density = _picture(
        fit,
        lambda sheet, box: sheetmap.draw_density(sheet, box, digest.heat),
        section.figures["density_map"],
        text["density_legend"],
        list(densities),
    )
    return Part("heat", section, (counts, density))


def _significant(fit: Printed, voice: Voice) -> Part:
    section = hot.section(fit.digest, voice)
    stars = _picture(
        fit,
        lambda sheet, box: maps.significance(sheet, box, fit.digest, voice),
        section.figures["hot_map"],
        voice("hot_areas"),
        maps.significance_classes(voice),
    )
    return Part("significant", section, (stars,))


def _change(fit: Printed, voice: Voice) -> Part:
    section = change.section(fit.digest, voice)
    if not section.tables:
        return Part("change", section)
    drawn = _picture(
        fit,
        lambda sheet, box: maps.changed(sheet, box, fit.digest, voice),
        section.figures["change_map"],
        voice("change_legend"),
        maps.change_classes(fit.digest),
    )
    return Part("change", section, (drawn,))


_PARTS: dict[str, Callable[[Printed, Voice], Part]] = {
    "heat": _heat,
    "significant": _significant,
    "categories": lambda fit, voice: Part("categories", categories.section(fit.digest, voice)),
    "change": _change,
    "places": lambda fit, voice: Part(
        "places", places.section(fit.digest, voice), (), tuple(weeks(fit.digest, voice))
    ),
    "works": lambda fit, voice: Part("works", works.section(fit.digest, voice)),
    "method": lambda fit, voice: Part("method", method.section(fit, voice)),
}
