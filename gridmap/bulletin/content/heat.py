"""The heat map's page: the month's totals, and what leaving out the doubtful coordinates changes."""

from __future__ import annotations

from gridmap.bulletin.model import Cell, Heading, Section, Table
from gridmap.bulletin.printed import Printed
from gridmap.bulletin.voice import Voice, number
from gridmap.maps import facts
from gridmap.maps.surface import bandwidth_m
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.doubts import DOUBTS


def section(printed: Printed, voice: Voice) -> Section:
    digest, heat = printed.digest, printed.digest.heat
    private = voice("private_here", reports=voice.many(printed.private, "reports")) if printed.private else ""
    return Section(
        voice("heat_title"),
        (),
        (totals(digest, voice), doubts(digest, voice)),
        notes=(
            _difference(digest, voice),
            voice("scale_note"),
            voice("bandwidth_note", metres=number(bandwidth_m(heat), 0)),
            *filter(None, [private]),
        ),
        figures={
            "heat_map": voice("heat_map_alt", total=f"{heat.total:,}"),
            "density_map": voice("density_map_alt"),
        },
    )


def totals(digest: Digest, voice: Voice) -> Table:
    """Where the month's reports lie."""
    rows = [("total", f"{digest.heat.total:,}")]
    text = facts.figures(digest.heat, voice.lang)
    return Table(
        voice("summary"),
        (Heading("", share=1), Heading("", "right")),
        (
            *((Cell(voice(key)), Cell(value, "strong")) for key, value in rows),
            *((Cell(label), Cell(value)) for label, value in text),
        ),
    )


def doubts(digest: Digest, voice: Voice) -> Table:
    """How many reports are in each doubt; one in two of them is in both, and in their sum once."""
    difference = digest.difference
    rows = [
        (Cell(voice(facts.DOUBT_WORDS[doubt])), Cell(f"{difference.reports.get(doubt, 0):,}"))
        for doubt in DOUBTS
    ]
    rows.append((Cell(voice("doubts_together"), "strong"), Cell(f"{difference.left_out:,}", "strong")))
    return Table(voice("doubts_table"), (Heading("", share=1), Heading(voice("count"), "right")), tuple(rows))


def _difference(digest: Digest, voice: Voice) -> str:
    difference = digest.difference
    if not difference.left_out:
        return voice("difference_none")
    share = number(100 * difference.share)
    if difference.shift_m is None or difference.peak is None or difference.peak_with is None:
        return voice("difference_share", share=share)
    return voice(
        "difference",
        share=share,
        metres=number(difference.shift_m, 0),
        peak=number(difference.peak[2], 0),
        peak_with=number(difference.peak_with[2], 0),
    )
