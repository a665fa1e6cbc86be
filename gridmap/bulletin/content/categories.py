"""The categories: this month against the last and the same month last year, and which were tested."""

from __future__ import annotations

from gridmap.bulletin.content.chance import beyond
from gridmap.bulletin.content.common import earlier, known, total_change
from gridmap.bulletin.model import Bar, Cell, Heading, Section, Table, Tone
from gridmap.bulletin.voice import NONE, Voice
from gridmap.statistics.digests.model import CategoryDigest, Digest
from gridmap.statistics.figures import Change
from gridmap.statistics.hotspots import LEAST_REPORTS


def section(digest: Digest, voice: Voice) -> Section:
    month, year = (voice.month(earlier(digest, back)) for back in (1, 12))
    few = sum(each.untested == "few_reports" for each in digest.categories)
    lead = [
        voice.sentences(
            voice(
                "categories_lead",
                total=voice.many(digest.heat.total, "reports"),
                categories=voice.many(sum(c.count > 0 for c in digest.categories), "kinds_of_report"),
            ),
            _against(total_change(digest, 1), month, voice),
            _against(total_change(digest, 12), year, voice),
        )
    ]
    return Section(
        voice("categories_title"),
        tuple(lead),
        (table(digest, voice),),
        notes=tuple(
            note
            for note in (
                _bars(digest, voice) if digest.categories else "",
                before_first(digest, voice),
                voice("change_note") if digest.categories else "",
                voice("untested_note", n=few, least=LEAST_REPORTS) if few else "",
            )
            if note
        ),
    )


def _bars(digest: Digest, voice: Voice) -> str:
    """What bar and marks mean, of those that there are."""
    marks = [("bars_month", 1), ("bars_year", 12)]
    told = [
        voice(key, month=voice.month(earlier(digest, back))) for key, back in marks if known(digest, back)
    ]
    return voice("bars_note", marks="".join(told))


def table(digest: Digest, voice: Voice) -> Table:
    """A row for each category, most reports first."""
    longest = max((count for each in digest.categories for count in _counts(each)), default=0)
    compared = [
        (key, back) for key, back in (("on_last_month", 1), ("on_last_year", 12)) if known(digest, back)
    ]
    headings = (
        Heading(voice("category"), share=1),
        Heading(voice("count"), "right"),
        Heading("", share=1.6),
        *(each for key, _ in compared for each in (Heading(voice(key), "right"), Heading("%", "right"))),
        Heading(voice("hot_many"), "right"),
    )
    rows = tuple(_row(each, longest, [back for _, back in compared], voice) for each in digest.categories)
    return Table(voice("categories_table"), headings, rows, empty=voice("no_reports"))


def _counts(each: CategoryDigest) -> list[int]:
    return [each.count, *(past.before for past in (each.on_last_month, each.on_last_year) if past)]


def _row(each: CategoryDigest, longest: int, compared: list[int], voice: Voice) -> tuple[Cell, ...]:
    def share(change: Change | None) -> float | None:
        return None if change is None else change.before / max(longest, 1)

    month, year = each.on_last_month, each.on_last_year
    why = "untested_private" if each.untested == "private" else "untested"
    tested = str(len(each.hot)) if each.untested is None else voice(why)
    return (
        Cell(voice.name(each.category)),
        Cell(f"{each.count:,}", "strong"),
        Cell(bar=Bar(each.count / max(longest, 1), share(month), share(year))),
        *(
            cell
            for back, change in ((1, month), (12, year))
            if back in compared
            for cell in (Cell(voice.change(change), tone(change)), Cell(voice.percent(change), "quiet"))
        ),
        Cell(tested, "strong" if each.hot else "quiet"),
    )


def tone(change: Change | None) -> Tone:
    """Colour only where a change is more than chance does."""
    if change is None or not beyond(change):
        return ""
    return "up" if change.by > 0 else "down"


def _against(change: Change | None, month: str, voice: Voice) -> str:
    if change is None:
        return ""
    percent = voice.percent(change)
    return voice(
        "against",
        month=month,
        before=voice.many(change.before, "reports"),
        change=voice.change(change),
        percent="" if percent == NONE else voice("in_brackets", text=percent),
    )


def before_first(digest: Digest, voice: Voice) -> str:
    """Which months lie before the first report, and so are no comparison."""
    missing = [voice.month(earlier(digest, back)) for back in (1, 12) if not known(digest, back)]
    first = digest.heat.first_month
    if not missing or first is None:
        return ""
    return voice("before_first", months=voice.list(missing), first=voice.month(first))
