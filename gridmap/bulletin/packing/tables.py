"""The numbers of a digest as tables: what the workbook's sheets hold, and how many rows each has.

Numbers are numbers and None where there is none (not known, or masked); texts are in one language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from gridmap.bulletin.packing.model import SOFTWARE
from gridmap.bulletin.printed import Printed
from gridmap.maps import facts
from gridmap.maps.words import kind_name, month_name, titled, words
from gridmap.statistics.digests.model import RADIUS_M, CategoryDigest, Digest
from gridmap.statistics.figures import Change, GridFigures

Value = str | int | float | Decimal | date | datetime | None

COMMON = (
    *("code", "names", "above", "count", "density", "area_of", "buildings_of", "rate_of"),
    *("month_before", "month_change", "month_percent", "year_before", "year_change", "year_percent"),
    *("gi_z", "gi_p", "gi_q", "gi_star"),
)
CHANGES = ("month_before", "month_change", "month_percent", "year_before", "year_change", "year_percent")
CATEGORIES = ("code", "names", "count", "share_of", *CHANGES, "hot_grids", "hot_codes", "gi_untested")
PLACES = ("kind_code", "kind", "code", "names", "capacity", "radius_of", "around_it", "reports_per_100")
RHYTHM = ("kind_code", "kind", "weekday", "hour", "within_hours", "beyond_hours", "unknown_hours")
REASONS = ("few_reports", "flat", "private")  # why nothing was tested, each a word
WORKS = ("kind_code", "names", "unit", "quantity", "works_recorded", "of_year")


@dataclass(frozen=True, slots=True)
class Table:
    """`key` names it in the manifest, `title` on its tab; `headings` are in the language of the bulletin."""

    key: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def tables(shown: Printed, lang: str) -> tuple[Table, ...]:
    """The sheets of the workbook, in order."""
    found = shown.digest
    by_area = tuple(areas(found, lang))
    starred = [row for row in by_area if row[-1]]
    return (
        _table("sheet_summary", ("item", "value"), _summary(shown, lang), lang),
        _table("sheet_grids", COMMON, by_area, lang),
        _table("sheet_hot_spots", COMMON, sorted(starred, key=_surest), lang),
        _table("sheet_categories", CATEGORIES, _categories(found, lang), lang),
        _table("sheet_places", PLACES, _places(found, lang), lang),
        _table("sheet_rhythm", RHYTHM, _rhythm(found, lang), lang),
        _table("sheet_works", WORKS, _works(found, lang), lang),
        _table("sheet_method", ("item", "value"), method(shown, lang), lang),
    )


def areas(found: Digest, lang: str) -> Iterator[tuple[Value, ...]]:
    """A row of COMMON for each area of the month's map, by code."""
    text, hot = words(lang), found.hot
    said = {(True, False): text["gi_hot"], (False, True): text["gi_cold"]}
    told = (array.tolist() for array in (hot.z, hot.p, hot.q, hot.hot, hot.cold))
    tested = zip(*told, strict=True)
    for area, each, (z, p, q, is_hot, is_cold) in zip(found.heat.grids, found.figures, tested, strict=True):
        yield (
            *(each.code, area.name, area.community, each.count, _rounded(each.density, 3)),
            *(round(each.area_km2, 6), each.buildings, _rounded(each.rate, 4), *_changes(each)),
            *(round(z, 6), round(p, 6), round(q, 6), said.get((is_hot, is_cold))),
        )


def method(shown: Printed, lang: str) -> Iterator[tuple[Value, ...]]:
    """What the numbers are and where they come from, as (item, text)."""
    text, found = words(lang), shown.digest
    about = text["about"]
    for line in facts.notes(found.heat, lang):
        if not line.startswith(text["generated"]):  # the same numbers are the same file whenever it is made
            yield about, line
    hot, doubt = found.hot, found.difference
    yield about, text["counting_note"]
    yield (
        text["sheet_hot_spots"],
        text["gi_note"].format(permutations=f"{hot.permutations:,}", level=f"{hot.level:g}", seed=hot.seed),
    )
    if why := _why(hot.reason, text):
        yield text["sheet_hot_spots"], why
    yield about, text["doubt_note"].format(left_out=f"{doubt.left_out:,}", share=f"{100 * doubt.share:.1f}")
    yield about, text["private_note"].format(reports=f"{shown.private:,}")
    yield text["sheet_places"], text["around_note"].format(radius=f"{RADIUS_M:g}")
    yield text["software"], SOFTWARE


def _table(word: str, headings: Sequence[str], rows: Iterable[tuple[Value, ...]], lang: str) -> Table:
    text = words(lang)
    return Table(word.removeprefix("sheet_"), text[word], tuple(text[each] for each in headings), tuple(rows))


def _surest(row: tuple[Value, ...]) -> tuple[float, float, str]:
    z, _, q, _ = row[-4:]
    assert isinstance(z, float)
    assert isinstance(q, float)
    return q, -abs(z), str(row[0])


def _summary(shown: Printed, lang: str) -> Iterator[tuple[Value, ...]]:
    found = shown.digest
    heat, text = found.heat, facts.heat_words(found.heat, lang)
    doubt = found.difference
    yield facts.jurisdiction_name(heat, lang), heat.jurisdiction.code
    yield text["month"], month_name(heat.month, lang)
    yield text["total"], heat.total
    yield text["count_month_before"], _before([each.on_last_month for each in found.categories])
    yield text["count_year_before"], _before([each.on_last_year for each in found.categories])
    yield text["in_grids"], heat.total - (heat.outside or 0)
    yield text["outside"], heat.outside
    yield text["nearest"], heat.nearest
    yield text["named"], heat.named
    yield text["near_edge"].format(metres=f"{heat.near_edge_m:g}"), heat.near_edge
    yield text["grids_with"], sum(bool(each.count) for each in found.figures)
    yield text["hot_grids_month"], int(found.hot.hot.sum())
    yield text["cold_grids_month"], int(found.hot.cold.sum())
    yield text["pile_places"], len(doubt.piles)
    yield text["pile_reports"], sum(pile.count for pile in doubt.piles)
    yield text["doubt_left_out"], doubt.left_out
    yield text["private_left_out"], shown.private
    yield text["edition"], heat.edition
    yield text["edition_valid"], heat.edition_from or text["from_beginning"]
    if found.data_until:
        yield text["data_until"], found.data_until.isoformat()


def _why(reason: str | None, text: Mapping[str, str]) -> str | None:
    return text[reason] if reason in REASONS else reason


def _before(changes: Sequence[Change | None]) -> int | None:
    """All categories' reports of an earlier month; None where that is not known."""
    known = [change.before for change in changes if change is not None]
    return sum(known) if changes and len(known) == len(changes) else None


def _categories(found: Digest, lang: str) -> Iterator[tuple[Value, ...]]:
    text, total = words(lang), found.heat.total
    for each in found.categories:
        category = each.category
        yield (
            *(category.code, titled(category.name, category.name_en, lang), each.count),
            *(round(100 * each.count / total, 2) if total else None, *_changes(each)),
            *(len(each.hot), ", ".join(each.hot) or None, _why(each.untested, text)),
        )


def _places(found: Digest, lang: str) -> Iterator[tuple[Value, ...]]:
    for each in found.places:
        yield (
            *(each.kind, kind_name(each.kind, lang), each.code, titled(each.name, each.name_en, lang)),
            *(each.capacity, each.radius_m, each.reports, _rounded(each.per_100_spaces, 2)),
        )


def _rhythm(found: Digest, lang: str) -> Iterator[tuple[Value, ...]]:
    """A row for each hour of the week; of each kind all 168, so that it can be pivoted as it is."""
    for kind, rhythm in found.rhythms.items():
        counted = (rhythm.within.tolist(), rhythm.beyond.tolist(), rhythm.unknown.tolist())
        for day in range(7):
            for hour in range(24):
                yield kind, kind_name(kind, lang), day + 1, hour, *(table[day][hour] for table in counted)


def _works(found: Digest, lang: str) -> Iterator[tuple[Value, ...]]:
    for each in found.works:
        kind = each.kind
        name = titled(kind.name, kind.name_en, lang)
        yield kind.code, name, kind.unit, each.quantity, each.records, each.of_year


def _changes(of: GridFigures | CategoryDigest) -> tuple[Value, ...]:
    return *_change(of.on_last_month), *_change(of.on_last_year)


def _change(change: Change | None) -> tuple[Value, ...]:
    return (None,) * 3 if change is None else (change.before, change.by, _rounded(change.percent, 2))


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
