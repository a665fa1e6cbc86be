"""Change by grid: against the month before and last year, told with what chance alone would do."""

from __future__ import annotations

from gridmap.bulletin.content.categories import before_first, tone
from gridmap.bulletin.content.chance import beyond, bound
from gridmap.bulletin.content.common import earlier, grid_name, known
from gridmap.bulletin.model import Cell, Heading, Section, Table
from gridmap.bulletin.voice import Voice
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.figures import Change, GridFigures
from gridmap.statistics.model import GridCount

Pair = tuple[GridCount, GridFigures]
LARGEST = 10


def section(digest: Digest, voice: Voice) -> Section:
    month = voice.month(earlier(digest, 1))
    return Section(
        voice("change_title", month=month),
        (_lead(digest, voice),),
        tables(digest, voice),
        notes=tuple(
            note
            for note in (_chance(digest, voice) if known(digest, 1) else "", before_first(digest, voice))
            if note
        ),
        figures={"change_map": voice("change_map_alt", month=month)},
    )


def limits(counts: tuple[int, ...]) -> tuple[int, ...]:
    """Lower limits of three classes of change on either side, out of the kept scale of counts: so they are
    kept too."""
    rising = [1, *(limit for limit in counts if limit > 1)]
    return tuple(rising[at] for at in (0, 1, 3) if at < len(rising))


def changes(digest: Digest) -> list[tuple[GridCount, GridFigures, Change]]:
    """The areas whose change on the month before is known."""
    pairs = zip(digest.heat.grids, digest.figures, strict=True)
    return [(grid, each, each.on_last_month) for grid, each in pairs if each.on_last_month is not None]


def _chance(digest: Digest, voice: Voice) -> str:
    areas = len(digest.heat.grids)
    return voice("chance_note", n=f"{areas:,}", chance=f"{round(areas / 20):,}")


def _lead(digest: Digest, voice: Voice) -> str:
    if not known(digest, 1):
        return voice("change_unknown")
    found = [change for _, _, change in changes(digest)]
    return voice(
        "change_lead",
        up=sum(change.by > 0 for change in found),
        down=sum(change.by < 0 for change in found),
        same=sum(change.by == 0 for change in found),
        beyond=sum(beyond(change) for change in found),
    )


def tables(digest: Digest, voice: Voice) -> tuple[Table, ...]:
    """The largest rises, then the largest falls; none where there is nothing to compare with."""
    if not known(digest, 1):
        return ()
    found = changes(digest)
    up = sorted((row for row in found if row[2].by > 0), key=lambda row: (-row[2].by, row[0].code))
    down = sorted((row for row in found if row[2].by < 0), key=lambda row: (row[2].by, row[0].code))
    return (
        _table("rises", "no_rises", up, known(digest, 12), voice),
        _table("falls", "no_falls", down, known(digest, 12), voice),
    )


def _table(
    caption: str, empty: str, rows: list[tuple[GridCount, GridFigures, Change]], year: bool, voice: Voice
) -> Table:
    headings = (
        Heading(voice("area_name"), share=1),
        Heading(voice("last_month_short"), "right"),
        Heading(voice("this_month_short"), "right"),
        Heading(voice("change_short"), "right"),
        Heading(voice("chance_short"), "right"),
        *([Heading(voice("on_last_year_short"), "right")] if year else []),
    )
    made = tuple(
        (
            Cell(grid_name(grid)),
            Cell(f"{change.before:,}"),
            Cell(f"{change.before + change.by:,}"),
            Cell(voice.change(change), tone(change)),
            Cell(f"±{bound(change):,}", "quiet"),
            *([Cell(voice.change(figures.on_last_year))] if year else []),
        )
        for grid, figures, change in rows[:LARGEST]
    )
    return Table(voice(caption), headings, made, empty=voice(empty))
