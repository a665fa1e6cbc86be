"""Significant grids: which are starred, by which figures, and what a star means and does not mean."""

from __future__ import annotations

import numpy as np

from gridmap.bulletin.content.common import grid_name, reports
from gridmap.bulletin.model import Cell, Heading, Section, Table, Words
from gridmap.bulletin.voice import Voice, number
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.hotspots import LEAST_REPORTS
from gridmap.statistics.neighbours import contiguity

UNTESTED = {"few_reports": "hot_few_reports", "flat": "hot_flat"}
NEAREST = 5  # grids that are shown where none is starred


def section(digest: Digest, voice: Voice) -> Section:
    return Section(
        voice("hot_title"),
        (_lead(digest, voice),),
        tuple(each for each in (table(digest, voice), by_category(digest, voice)) if each),
        (
            Words(voice("star_means"), (voice("star_means_text"),)),
            Words(voice("star_means_not"), (voice("star_means_not_text"),)),
        ),
        _notes(digest, voice),
        {"hot_map": voice("hot_map_alt", hot=int(digest.hot.hot.sum()), cold=int(digest.hot.cold.sum()))},
    )


def _lead(digest: Digest, voice: Voice) -> str:
    hot = digest.hot
    if hot.reason is not None:
        return voice(UNTESTED[hot.reason], least=LEAST_REPORTS)
    values = {"tested": int(hot.tested.sum()), "hot": int(hot.hot.sum()), "cold": int(hot.cold.sum())}
    return voice("hot_some" if values["hot"] + values["cold"] else "hot_none", **values)


def _notes(digest: Digest, voice: Voice) -> tuple[str, ...]:
    level = digest.hot.level
    tested = sum(each.untested is None for each in digest.categories)
    left_out = f"{digest.difference.left_out:,}"
    notes = [voice("hot_note", n=left_out, level=f"{level:g}")]
    if any(each.hot for each in digest.categories):
        notes.append(voice("category_stars_note", n=tested, chance=max(1, round(level * tested))))
    return tuple(notes)


def table(digest: Digest, voice: Voice) -> Table:
    """The starred grids, hottest first; without any, those with the smallest q."""
    hot, grids = digest.hot, digest.heat.grids
    starred = hot.hot | hot.cold
    order = np.lexsort((-hot.z, hot.q))
    if starred.any():
        wanted = [at for at in np.argsort(-hot.z, kind="stable").tolist() if starred[at]]
    else:
        wanted = [at for at in order.tolist() if hot.tested[at]][:NEAREST]
    degrees = contiguity([grid.geometry for grid in grids]).degrees if wanted else np.zeros(0, np.int64)
    rows = tuple(
        (
            Cell("★" if hot.hot[at] else "☆" if hot.cold[at] else ""),
            Cell(grid_name(grids[at]), "strong" if starred[at] else ""),
            Cell(f"{reports(grids[at]):,}"),
            Cell(number(grids[at].density)),
            Cell(number(float(hot.z[at]), 2)),
            Cell(number(float(hot.q[at]), 4)),
            Cell(str(degrees[at])),
        )
        for at in wanted
    )
    headings = (
        Heading(""),
        Heading(voice("area_name"), share=1),
        Heading(voice("count"), "right"),
        Heading(voice("per_km2"), "right"),
        Heading("z (Gi*)", "right"),
        Heading("q", "right"),
        Heading(voice("neighbours"), "right"),
    )
    caption = voice("hot_table" if starred.any() or hot.reason else "hot_nearest")
    return Table(caption, headings, rows, empty=voice("hot_not_tested"))


def by_category(digest: Digest, voice: Voice) -> Table | None:
    """Categories tested one by one that have a starred grid; None where there is none."""
    names = {grid.code: grid_name(grid) for grid in digest.heat.grids}
    rows = tuple(
        (
            Cell(voice.name(each.category)),
            Cell(f"{each.count:,}"),
            Cell(voice.list([names.get(code, code) for code in each.hot])),
        )
        for each in digest.categories
        if each.hot
    )
    if not rows:
        return None
    headings = (
        Heading(voice("category")),
        Heading(voice("count"), "right"),
        Heading(voice("starred_areas"), share=1),
    )
    return Table(voice("hot_by_category"), headings, rows)
