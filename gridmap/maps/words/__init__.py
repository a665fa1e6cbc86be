"""The words that maps show, Chinese first: a module per page, put together here by key.

Names of kinds stand in areas and places, the rest in the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from gridmap.areas.model import AREA_KINDS
from gridmap.errors import BadInput
from gridmap.maps.words import (
    bulletin,
    bulletins,
    case,
    desk,
    district,
    efforts,
    frame,
    heat,
    hotspots,
    inspections,
    method,
    my,
    oidc,
    refusals,
    rhythm,
    sheet,
    sign_in,
    tables,
)
from gridmap.places.model import PLACE_KINDS

LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}

_PAGES = (
    *(AREA_KINDS, frame.WORDS, district.WORDS, heat.WORDS, hotspots.WORDS, sheet.WORDS),
    *(rhythm.WORDS, efforts.WORDS, bulletin.WORDS, method.WORDS, tables.WORDS, bulletins.WORDS),
    *(sign_in.WORDS, oidc.WORDS, my.WORDS, desk.WORDS, case.WORDS, inspections.WORDS),
    refusals.WORDS,
)
_BOTH: dict[str, tuple[str, str]] = {key: both for page in _PAGES for key, both in page.items()}

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WORDS = {
    lang: MappingProxyType({key: both[index] for key, both in _BOTH.items()})
    for index, lang in enumerate(LANGUAGES)
}


def words(lang: str) -> Mapping[str, str]:
    """The words of one language, by key. Raises BadInput for a language that there is not."""
    if lang not in _WORDS:
        raise BadInput(f"{lang!r} is not a language of the maps; give zh or en", field="lang")
    return _WORDS[lang]


def of_page(known: Mapping[str, tuple[str, str]], lang: str) -> dict[str, str]:
    """The words of a page that keeps its own, apart from these, in one language."""
    return {key: both[LANGUAGES.index(lang)] for key, both in known.items()}


def kind_name(kind: str, lang: str) -> str:
    """The name of a kind of place; a kind that is not known is shown by its code."""
    names = PLACE_KINDS.get(kind)
    return names[LANGUAGES.index(lang)] if names else kind


def month_name(month: date, lang: str) -> str:
    """`2023年6月` or `June 2023`."""
    return f"{month.year}年{month.month}月" if lang == "zh" else f"{_MONTHS[month.month - 1]} {month.year}"


def titled(name: str, name_en: str | None, lang: str) -> str:
    """The name in the page's language, in Chinese where there is no other."""
    return name_en if lang == "en" and name_en else name


def short_number(value: float, lang: str) -> str:
    """A number as a label has room for it: whole below 10,000, then with three digits: 78.5万, 785k."""
    if value < 10_000:
        return f"{value:g}"
    steps = ((1e8, "亿"), (1e4, "万")) if lang == "zh" else ((1e9, "G"), (1e6, "M"), (1e3, "k"))
    # rounded first, so that 999,960 is a million and not 1000 thousand
    rounded = float(f"{value:.3g}")
    size, unit = next(step for step in steps if rounded >= step[0])
    return f"{rounded / size:g}{unit}"


def short_name(name: str, community: str) -> str:
    """A grid's name without its community's in front, for a label that stands inside the community."""
    rest = name.removeprefix(community).strip() if community else name
    return rest or name
