"""Opening hours as people say them: `Apr-Oct Mo-Su 06:00-09:30` becomes 4月至10月 每天 06:00–09:30.

Only the everyday part of OpenStreetMap's syntax is spoken; whatever else it holds stays as written. Whether
something is open at a moment is answered in gridmap.places.hours.
"""

from __future__ import annotations

import re

_DAYS = {"Mo": "周一", "Tu": "周二", "We": "周三", "Th": "周四", "Fr": "周五", "Sa": "周六", "Su": "周日"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZH = _DAYS | {name: f"{number}月" for number, name in enumerate(_MONTHS, start=1)}
_ZH |= {"PH": "节假日", "off": "休息", "closed": "休息"}
_EN = {"PH": "public holidays", "off": "closed"}
_TIMES = re.compile(r"\b(\d\d:\d\d)-(\d\d:\d\d)\b")


def hours_text(text: str, lang: str) -> str:
    """The opening hours in words of one language."""
    if text.strip() == "24/7":
        return "全天" if lang == "zh" else "Around the clock"
    spoken = re.sub(r"\bMo-Su\b", "每天" if lang == "zh" else "daily", text)
    if lang == "zh":
        spoken = re.sub(r"\b([A-Z][a-z]{1,2})-([A-Z][a-z]{1,2})\b", r"\1至\2", spoken)
    names = _ZH if lang == "zh" else _EN
    spoken = re.sub(r"[A-Za-z]+", lambda word: names.get(word[0], word[0]), spoken)
    spoken = _TIMES.sub(lambda match: _span(match[1], match[2], lang), spoken)
    if lang == "zh":
        spoken = spoken.replace(",", "，")
    return re.sub(r"\s*;\s*", "；" if lang == "zh" else "; ", spoken)


def _span(opens: str, closes: str, lang: str) -> str:
    next_day = "" if closes > opens else "次日" if lang == "zh" else "next day "
    return f"{opens}–{next_day}{closes}"
