"""The cover: title, key numbers, the district with what to look at."""

from __future__ import annotations

from collections.abc import Sequence

from gridmap.bulletin.content import cover
from gridmap.bulletin.content.common import dated
from gridmap.bulletin.content.cover import KeyNumber, Point
from gridmap.bulletin.paper import maps
from gridmap.bulletin.paper.column import MM_PER_POINT, broken, leading
from gridmap.bulletin.paper.frame import ACCENT, HEIGHT, INNER, MARGIN, WIDTH, foot, mark
from gridmap.bulletin.voice import Voice
from gridmap.maps.lettering import QUIET, RULE, Box, Sheet, printable, width_mm
from gridmap.maps.sheetmap import View
from gridmap.statistics.digests.model import Digest

_TOP, _BOTTOM = 76.0, 279.0
_POINT = 9.4
_BESIDE = Box(MARGIN, _TOP, 114, _BOTTOM - _TOP)


def draw(digest: Digest, voice: Voice, pages: int) -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT)
    _title(sheet, digest, voice)
    _key_numbers(sheet, cover.key_numbers(digest, voice))
    points = cover.points(digest, voice)
    room = _BOTTOM - _TOP - _height(points, INNER) - 14
    above = Box(MARGIN, _TOP, INNER, maps.fitted_height(digest.heat, INNER, room))
    outline = digest.heat.outline
    beside = View(outline, _BESIDE).metres_per_mm <= View(outline, above).metres_per_mm
    text = Box(_BESIDE.right + 6, _TOP, INNER - _BESIDE.width - 6, _BESIDE.height)
    if beside and _height(points, text.width) + 8 <= text.height:
        maps.where_to_look(sheet, _BESIDE, digest, points, voice)
        _points(sheet, text, points, voice)
    else:
        maps.where_to_look(sheet, above, digest, points, voice)
        _points(sheet, Box(MARGIN, above.bottom + 5, INNER, _BOTTOM - above.bottom), points, voice)
    foot(sheet, digest, voice, 1, pages)
    return sheet


def _title(sheet: Sheet, digest: Digest, voice: Voice) -> None:
    right = WIDTH - MARGIN
    sheet.rectangle(Box(MARGIN, 14, INNER, 1.6), fill=ACCENT)
    room = INNER
    if digest.heat.illustrative:
        room = mark(sheet, right, 24.2, voice, 9.5) - MARGIN - 5
        sheet.text(right, 29.4, voice("illustrative_why"), 7, colour=QUIET, align="right", room=100)
    name = voice.name(digest.heat.jurisdiction)
    size = min(15.0, 15.0 * room / max(width_mm(printable(name), 15.0, "bold"), 1))
    sheet.text(MARGIN, 24.2, name, max(size, 9), weight="bold", colour=ACCENT, room=room)
    month = voice.month(digest.heat.month)
    sheet.text(right, 45.6, " · ".join(dated(digest, voice)), 7, colour=QUIET, align="right", room=INNER)
    sheet.text(MARGIN, 42, voice("bulletin"), 30, weight="bold")
    sheet.text(right, 40, month, 22, align="right")
    sheet.line((MARGIN, 47.6), (right, 47.6), RULE, 0.8)


def _key_numbers(sheet: Sheet, numbers: Sequence[KeyNumber]) -> None:
    wide = INNER / len(numbers)
    for at, each in enumerate(numbers):
        left = MARGIN + wide * at
        if at:
            sheet.line((left - 3, 51), (left - 3, 69), RULE, 0.6)
        room = wide - 5
        sheet.text(left, 53.2, each.label, 8.6, colour=QUIET, room=room)
        size = min(25.0, 25.0 * room / max(width_mm(each.value, 25, "bold"), 1))
        sheet.text(left, 63.6, each.value, size, weight="bold")
        size = max(6.2, min(7.8, 7.8 * room / max(width_mm(printable(each.beside), 7.8), 1)))
        sheet.text(left, 69.2, each.beside, size, colour=QUIET, room=room)
    sheet.line((MARGIN, 72.4), (WIDTH - MARGIN, 72.4), RULE, 0.8)


def _height(points: Sequence[Point], width: float) -> float:
    lines = sum(len(broken(point.text, width - 7.5, _POINT)) for point in points)
    return lines * leading(_POINT) + 3.4 * len(points)


def _points(sheet: Sheet, box: Box, points: Sequence[Point], voice: Voice) -> None:
    sheet.text(box.left, box.top + 4, voice("points"), 11.5, weight="bold", colour=ACCENT)
    sheet.line((box.left, box.top + 6), (box.right, box.top + 6), RULE, 0.6)
    y = box.top + 8
    for number, point in enumerate(points, start=1):
        maps.disc(sheet, box.left + 2.4, y + leading(_POINT) / 2, number)
        for line in broken(point.text, box.width - 7.5, _POINT):
            y += leading(_POINT)
            sheet.text(box.left + 7.5, y - leading(_POINT) / 2 + _POINT * MM_PER_POINT * 0.38, line, _POINT)
        y += 3.4
