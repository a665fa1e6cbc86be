"""A month in words and figures, the same on the page, on the printed sheet and in the numbers' notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from gridmap.maps.surface import bandwidth_m
from gridmap.maps.words import month_name, titled, words
from gridmap.statistics.masking import MINIMUM
from gridmap.statistics.model import GridCount, MonthHeat

COUNTED_BY = (
    *("grid", "by_grid", "count_legend", "grids_with", "grids_masked"),
    *("leading", "hover", "grid_boundary", "own_grids"),
)
UNKNOWN = "—"
DOUBT_WORDS = {"pile": "doubt_pile", "whole_degree": "doubt_whole_degree", "uncertain": "doubt_uncertain"}


def heat_words(heat: MonthHeat, lang: str) -> Mapping[str, str]:
    """The words of a month's map; where it counts by a wider kind of area, that kind in the grids' place."""
    text = words(lang)
    if heat.kind == "grid":
        return text
    wider, narrow = text[heat.kind], text["grid"]
    changed = {
        key: text[key].replace(narrow, wider).replace(narrow.lower(), wider.lower()) for key in COUNTED_BY
    }
    return {**text, **changed}


def title(heat: MonthHeat, lang: str) -> str:
    """`2023年6月 全部类别`."""
    return f"{month_name(heat.month, lang)} {category_name(heat, lang)}"


def category_name(heat: MonthHeat, lang: str) -> str:
    if heat.category is None:
        return words(lang)["all_categories"]
    return titled(heat.category.name, heat.category.name_en, lang)


def jurisdiction_name(heat: MonthHeat, lang: str) -> str:
    return titled(heat.jurisdiction.name, heat.jurisdiction.name_en, lang)


def figures(heat: MonthHeat, lang: str) -> list[tuple[str, str]]:
    """(label, value) of the month's totals; the ways of placement only where there are any."""
    text = heat_words(heat, lang)
    rows = [(text["in_grids"], number(heat.in_grids, lang))]
    if heat.private:
        masked = sum(grid.count is None for grid in heat.grids)
        rows.append((text["grids_masked"], f"{masked} / {len(heat.grids)}"))
    else:
        with_reports = sum(bool(grid.count) for grid in heat.grids)
        rows.append((text["grids_with"], f"{with_reports} / {len(heat.grids)}"))
    rows += [
        (text["outside"], number(heat.outside, lang)),
        (text["nearest"], f"{heat.nearest:,}"),
        (text["named"], f"{heat.named:,}"),
        (text["near_edge"].format(metres=f"{heat.near_edge_m:g}"), f"{heat.near_edge:,}"),
    ]
    if heat.piles:
        reports = sum(pile.count for pile in heat.piles)
        rows.append((text["piles"], text["piles_value"].format(places=len(heat.piles), reports=reports)))
    return rows


def number(value: int | None, lang: str) -> str:
    """`1,234`, or the word for what is masked."""
    return words(lang)["masked"] if value is None else f"{value:,}"


def change(grid: GridCount) -> str:
    """`+3`, `−2`, `0` against the month before; `—` where either is masked."""
    return UNKNOWN if grid.change is None else signed(grid.change)


def signed(number: int) -> str:
    return f"+{number:,}" if number > 0 else f"−{-number:,}" if number < 0 else "0"


def trend(grid: GridCount) -> str:
    """`up`, `down` or nothing."""
    by = grid.change or 0
    return "up" if by > 0 else "down" if by < 0 else ""


def total_change(heat: MonthHeat, lang: str) -> str:
    """`较上月 +12` over all grids; nothing where one is masked."""
    changes = [grid.change for grid in heat.grids]
    if None in changes:
        return ""
    return f"{words(lang)['change']} {signed(sum(filter(None, changes)))}"


def notes(heat: MonthHeat, lang: str) -> list[str]:
    """Source, method, edition and date, one sentence each."""
    text = words(lang)
    since = (
        text["edition_from"].format(day=heat.edition_from) if heat.edition_from else text["from_beginning"]
    )
    lines = [
        *known(heat, lang),
        text["source"].format(name=jurisdiction_name(heat, lang)),
        text["method"],
        text["private_method"].format(minimum=MINIMUM)
        if heat.private
        else text["bandwidth"].format(metres=f"{bandwidth_m(heat):g}"),
    ]
    if heat.kind != "grid":
        lines.append(text["counted_wider"].format(kind=text[heat.kind]))
    if heat.piles and "pile" not in heat.include:
        lines.append(text["pile_method"])
    if heat.include:
        asked = text["list_joint"].join(text[DOUBT_WORDS[doubt]] for doubt in heat.include)
        lines.append(f"{text['included']}{text['colon']}{asked}")
    if not heat.all_piles:
        lines.append(text["piles_partly"])
    lines.append(f"{text['edition']} {heat.edition} ({since})")
    lines.append(f"{text['generated']} {generated(heat)} ({heat.time_zone})")
    if heat.illustrative:
        lines.append(f"{text['illustrative']}{text['colon']}{text['illustrative_why']}")
    return lines


def scale(heat: MonthHeat, lang: str) -> str:
    """Since when the colours mean what they mean."""
    text, since = words(lang), heat.scale.since
    return text["scale_since"].format(day=since) if since else text["scale_new"]


def known(heat: MonthHeat, lang: str) -> list[str]:
    """Of your own grids, as known on …, re-cut to edition …: one line each, none of a month as it is."""
    text, lines = heat_words(heat, lang), []
    if heat.parts:
        lines.append(text["own_grids"].format(count=len(heat.grids)))
    if heat.as_of is not None:
        lines.append(text["known_at"].format(moment=local(heat, heat.as_of)))
    if heat.recut is not None:
        since = (
            text["edition_from"].format(day=heat.edition_from)
            if heat.edition_from
            else text["from_beginning"]
        )
        lines.append(text["recut_to"].format(edition=heat.recut, since=since))
    return lines


def generated(heat: MonthHeat) -> str:
    """When the numbers were made, in the jurisdiction's own time."""
    return local(heat, heat.generated_at)


def local(heat: MonthHeat, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(heat.time_zone)).strftime("%Y-%m-%d %H:%M")
