"""How a bulletin speaks: words of one language, numbers as they are printed, areas by what they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from gridmap.maps import facts
from gridmap.maps.words import month_name, titled, words
from gridmap.statistics.figures import Change
from gridmap.statistics.model import Titled

NONE = "—"
_MANY = {"grid": "grid_many", "community": "community_many", "subdistrict": "subdistrict_many"}
_FIGURE = re.compile(r"[+−±]?[\d,]+\.\d+%?")
_UNITS = {"m2": "m²", "km2": "km²"}


@dataclass(frozen=True, slots=True)
class Voice:
    """Says the words of maps.words by key; `{area}` in them is what the month is counted by."""

    lang: str
    kind: str  # of the areas: grid, community, subdistrict

    def __call__(self, key: str, **values: object) -> str:
        text = words(self.lang)
        area = text[self.kind] if self.lang == "zh" else text[self.kind].lower()
        return text[key].format(area=area, areas=text[_MANY[self.kind]], **values)

    def many(self, number: int, key: str) -> str:
        """`3 件`; in English one and many, parted by a bar in the words: `1 report`, `3 reports`."""
        one, _, more = self(key).partition("|")
        return f"{number:,} {one if number == 1 or not more else more}"

    def name(self, of: Titled) -> str:
        return titled(of.name, of.name_en, self.lang)

    def month(self, month: date) -> str:
        return month_name(month, self.lang)

    def list(self, parts: list[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(parts)

    def sentences(self, *parts: str) -> str:
        """Sentences after one another; empty ones are left out."""
        return ("" if self.lang == "zh" else " ").join(part for part in parts if part)

    def moment(self, moment: datetime, zone: str) -> str:
        return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")

    def change(self, change: Change | None) -> str:
        """`+12`, `−3`, `0`; a dash where the other month is not known."""
        return NONE if change is None else facts.signed(change.by)

    def percent(self, change: Change | None) -> str:
        """`+12.5%`; a dash where the other month is not known or had none."""
        return NONE if change is None or change.percent is None else signed_percent(change.percent)


def signed_percent(value: float) -> str:
    """`+12.5%`, `−3.0%`, `0.0%`; beyond ten times as many only that it is beyond."""
    if value > 999:
        return "> +999%"
    text = f"{abs(value):,.1f}%"
    return text if float(f"{value:.1f}") == 0 else ("+" if value > 0 else "−") + text


def number(value: float | None, digits: int = 1) -> str:
    """With so many digits, a real minus sign, a dash for what is not known."""
    return NONE if value is None else f"{value:,.{digits}f}".replace("-", "−")


def quantity(value: Decimal) -> str:
    """As it was recorded, without idle zeros: `2,180`, `2.1`."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals(text: str) -> int:
    """How many characters of a printed figure stand from its point on; 0 where it has none."""
    return len(text) - text.index(".") if _FIGURE.fullmatch(text) else 0


def unit(text: str) -> str:
    """`m²` for m2."""
    return _UNITS.get(text, text)
