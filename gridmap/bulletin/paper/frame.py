"""A page of the bulletin: A4 upright with running head, source, page number and the mark of made-up data."""

from __future__ import annotations

from gridmap.bulletin.content.common import source
from gridmap.bulletin.voice import Voice
from gridmap.maps import colours
from gridmap.maps.lettering import QUIET, RULE, Box, Sheet, printable, width_mm
from gridmap.statistics.digests.model import Digest

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 15.0
INNER = WIDTH - 2 * MARGIN
_HEAD, _FOOT = 12.6, 287.0
ACCENT = colours.BORDER_SUBDISTRICT


def page(digest: Digest, voice: Voice, number: int, pages: int) -> tuple[Sheet, Box]:
    """A sheet with its frame, and the box that is left for its content."""
    sheet = Sheet(WIDTH, HEIGHT)
    right = WIDTH - MARGIN
    month = voice.month(digest.heat.month)
    if digest.heat.illustrative:
        right = mark(sheet, right, _HEAD, voice) - 4
    sheet.text(right, _HEAD, month, 8.5, colour=QUIET, align="right")
    room = right - width_mm(month, 8.5) - 5 - MARGIN
    title = f"{voice.name(digest.heat.jurisdiction)} · {voice('bulletin')}"
    sheet.text(MARGIN, _HEAD, title, 8.5, colour=QUIET, room=room)
    sheet.line((MARGIN, _HEAD + 2.4), (WIDTH - MARGIN, _HEAD + 2.4), ACCENT, 1.0)
    foot(sheet, digest, voice, number, pages)
    return sheet, Box(MARGIN, 20, INNER, 260)


def foot(sheet: Sheet, digest: Digest, voice: Voice, number: int, pages: int) -> None:
    """Source and page number."""
    sheet.line((MARGIN, _FOOT - 4.2), (WIDTH - MARGIN, _FOOT - 4.2), RULE, 0.5)
    numbers = f"{number} / {pages}"
    sheet.text(MARGIN, _FOOT, source(digest, voice), 7, colour=QUIET, room=INNER - 20)
    sheet.text(WIDTH - MARGIN, _FOOT, numbers, 8.5, align="right")


def mark(sheet: Sheet, right: float, baseline: float, voice: Voice, size: float = 8.0) -> float:
    """The boxed mark that the data are made up; returns its left edge."""
    text = voice("illustrative")
    wide = width_mm(printable(text), size, "bold") + size * 0.45
    high = size * 0.62
    box = Box(right - wide, baseline - high * 0.72, wide, high)
    sheet.rectangle(box, edge=ACCENT, line=0.9)
    sheet.text(right - wide / 2, baseline, text, size, weight="bold", colour=ACCENT, align="center")
    return box.left
