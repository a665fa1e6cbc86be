"""Before and after a campaign, and events and services, as words, rows and bars for a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from gridmap.maps.page import fragment
from gridmap.maps.words import titled, words
from gridmap.statistics.campaigns import Ratio
from gridmap.statistics.efforts.model import (
    YEAR_BEFORE,
    AreaNamed,
    Campaign,
    Comparison,
    Done,
    Services,
    Span,
)
from gridmap.statistics.model import Titled

SPREAD_TOLD = 1.3  # from which on the days are said to differ more than by chance
ROWS = 10  # of places, before the rest is folded away
PROBLEMS = {"days": "effort_bad", "choice": "effort_bad_choice"}
_SAID = {"less": "said_less", "more": "said_more", "weak": "said_weak", "same": "said_same"}
_CHANGE = {"less": "change_less", "more": "change_more", "weak": "change_weak", "same": "change_same"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a menu; `value` is what the form sends."""

    label: str
    value: str
    current: bool


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """What the form holds. `days`: first, last, since, until as YYYY-MM-DD, "" for none; `seen`: the days
    that reports can be of; `problem`: why there is no answer, one of PROBLEMS, or None."""

    action: str
    hidden: tuple[tuple[str, str], ...]
    days: tuple[str, str, str, str]
    categories: tuple[Choice, ...]
    areas: tuple[Choice, ...]  # beside the whole district
    against: tuple[Choice, ...]  # categories, beside nothing and the year before
    year_before: bool
    seen: tuple[date, date] | None
    chosen: bool  # else the days are those that stand there by themselves
    problem: str | None


def campaign_panel(form: CampaignForm, found: Campaign | None, lang: str) -> Markup:
    """The form, and below it what was found."""
    text = words(lang)
    problem = None
    if form.problem and form.seen:
        first, last = form.seen
        problem = text[PROBLEMS[form.problem]].format(first=first.isoformat(), last=last.isoformat())
    return fragment(
        "campaign.html",
        words=text,
        form=form,
        areas=_led(form.areas, (text["whole_district"], "")),
        against=_led(
            form.against,
            (text["against_none"], ""),
            (text["against_year"], YEAR_BEFORE),
            current=YEAR_BEFORE if form.year_before else "",
        ),
        problem=problem,
        spans=[
            (text["before"], (("first", "first_of", form.days[0]), ("last", "last_of", form.days[1]))),
            (text["after"], (("since", "first_of", form.days[2]), ("until", "last_of", form.days[3]))),
        ],
        found=found,
        rows=_rows(found, lang) if found else [],
        said=sentences(found, lang) if found else [],
        weeks=_weeks(found, lang) if found and any(week.reports for week in found.weeks) else None,
    )


def sentences(found: Campaign, lang: str) -> list[str]:
    """What the numbers say, and what they do not."""
    text = words(lang)
    said = [_said(found, lang)]
    if not found.before.reports and not found.after.reports:
        return said
    if found.against:
        said.append(_against(found.against, found.spread, lang))
    if found.ratio.ratio is not None and found.spread is not None and found.spread >= SPREAD_TOLD:
        said.append(text["spread_wide"].format(spread=f"{found.spread:.1f}"))
    return [*said, text["not_cause"]]


def _said(found: Campaign, lang: str) -> str:
    text, ratio = words(lang), found.ratio
    if ratio.ratio is None:
        after = found.after.reports
        return text["said_new"].format(after=after) if after else text["said_none"]
    sentence = text["said_of"].format(
        category=titled(found.category.name, found.category.name_en, lang),
        before=f"{found.before.per_week:.1f}",
        after=f"{found.after.per_week:.1f}",
        ratio=_two(ratio.ratio),
        low=_two(ratio.low),
        high=_high(ratio, lang),
    )
    return sentence + (" " if lang == "en" else "") + text[_SAID[_verdict(ratio, found.spread)]]


def _against(there: Comparison, spread: float | None, lang: str) -> str:
    text, change = words(lang), there.change
    if change.ratio is None or there.ratio.ratio is None:
        return text["change_none"]
    sentence = text["change_of"].format(
        label=_label(there, lang),
        ratio=_two(there.ratio.ratio),
        change=_two(change.ratio),
        low=_two(change.low),
        high=_high(change, lang),
    )
    return sentence + text[_CHANGE[_verdict(change, spread)]]


def _verdict(ratio: Ratio, spread: float | None) -> str:
    """What the interval allows to say. One that leaves out 1 only because it takes the days to be
    no more uneven than by chance is weak: on a log scale it is really √spread times as wide."""
    if ratio.low <= 1 and (ratio.high is None or ratio.high >= 1):
        return "same"
    less = ratio.high is not None and ratio.high < 1
    end, middle = ratio.high if less else ratio.low, ratio.ratio
    if end and middle:
        widened = middle * (end / middle) ** math.sqrt(max(spread or 1, 1))
        if (widened < 1) != less:
            return "weak"
    return "less" if less else "more"


def _label(there: Comparison, lang: str) -> str:
    if there.what == YEAR_BEFORE:
        return words(lang)["against_year"]
    if there.what == "area" and there.area:
        return there.area.name
    return titled(there.category.name, there.category.name_en, lang)


def _rows(found: Campaign, lang: str) -> list[dict[str, Any]]:
    text = words(lang)
    rows = [(_named(found.category, found.area, lang), found.before, found.after, found.ratio)]
    if there := found.against:
        rows.append((_label(there, lang), there.before, there.after, there.ratio))
    return [
        {
            "label": label,
            "before": f"{before.per_week:.1f}",
            "before_of": _span(before, lang),
            "after": f"{after.per_week:.1f}",
            "after_of": _span(after, lang),
            "ratio": text["no_ratio"] if ratio.ratio is None else _two(ratio.ratio),
            "interval": "" if ratio.ratio is None else f"{_two(ratio.low)}–{_high(ratio, lang)}",
        }
        for label, before, after, ratio in rows
    ]


def _named(category: Titled, area: AreaNamed | None, lang: str) -> str:
    name = titled(category.name, category.name_en, lang)
    return name if area is None else f"{name} · {area.name}"


def _span(span: Span, lang: str) -> str:
    return words(lang)["span_of"].format(reports=f"{span.reports:,}", days=span.days)


def _high(ratio: Ratio, lang: str) -> str:
    return words(lang)["without_end"] if ratio.high is None else _two(ratio.high)


def _two(value: float) -> str:
    return f"{value:.2f}"


def _weeks(found: Campaign, lang: str) -> dict[str, Any]:
    """Bars as wide as the days they count and as high as their reports a week."""
    text = words(lang)
    most = max(week.per_week for week in found.weeks)
    start = found.before.first.toordinal()
    bars = []
    for week in found.weeks:
        part = "before" if week.last <= found.before.last else "after"
        if found.before.last < week.first < found.after.first:
            part = "between"
        bars.append(
            {
                "x": week.first.toordinal() - start,
                "days": week.days,
                "height": round(100 * week.per_week / most, 2),
                "part": part,
                "says": text["week_of"].format(
                    day=week.first.isoformat(), days=week.days, reports=week.reports
                ),
            }
        )
    ends = {"first": found.before.first.isoformat(), "last": found.after.last.isoformat()}
    between = any(bar["part"] == "between" for bar in bars)
    return {
        "bars": bars,
        "days": found.after.last.toordinal() - start + 1,
        "most": f"{most:.0f}",
        **ends,
        "says": text["weeks_said"].format(**ends, most=f"{most:.0f}"),
        "keys": ["before", *(["between"] if between else []), "after"],
    }


def services_panel(month: Services, year: Services, lang: str) -> Markup:
    """Kinds with the month's quantity and the year's up to its end; places with what was done there."""
    text = words(lang)
    places = [
        {
            "name": at.place_name or text["unnamed_place"],
            "what": [f"{_kind(done, lang)} {_quantity(done, lang)}" for done in at.done],
        }
        for at in month.places
    ]
    return fragment(
        "services.html",
        words=text,
        kinds=[
            (_kind(now, lang), _quantity(now, lang), _quantity(whole, lang))
            for now, whole in zip(month.kinds, year.kinds, strict=True)
            if whole.records
        ],
        shown=places[:ROWS],
        folded=places[ROWS:],
        more=text["more_places"].format(places=len(places) - ROWS),
    )


def _kind(done: Done, lang: str) -> str:
    return titled(done.kind.name, done.kind.name_en, lang)


def _quantity(done: Done, lang: str) -> str:
    number, unit = f"{done.quantity.normalize():,f}", done.kind.unit
    return f"{number} {unit}" if lang == "zh" or unit.isascii() else number


def _led(rest: Sequence[Choice], *first: tuple[str, str], current: str = "") -> list[Choice]:
    """A menu with entries before the others; where none of those is chosen, `current` is."""
    taken = any(each.current for each in rest)
    return [Choice(label, value, not taken and value == current) for label, value in first] + list(rest)


def choices(entries: Sequence[tuple[str, str]], current: str) -> tuple[Choice, ...]:
    """(label, value) pairs as a menu."""
    return tuple(Choice(label, value, value == current) for label, value in entries)
