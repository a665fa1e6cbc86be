"""The month on one sheet of A4, as PNG (240 dpi) or PDF with embedded TrueType: to pin on the wall.

Not here: fonts and millimetres (lettering), the drawing of the map itself (sheetmap).
"""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib

from gridmap.errors import BadInput
from gridmap.maps import colours, facts, sheetmap
from gridmap.maps.lettering import INK, QUIET, RULE, Box, Sheet, one_at_a_time, printable, width_mm
from gridmap.maps.words import month_name, short_number, words
from gridmap.statistics.model import MonthHeat

FORMATS = ("png", "pdf")
ROWS = 10


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand, in millimetres."""

    width: float
    height: float
    map: Box
    figures: Box
    legend: Box
    inset: Box
    table: Box


LANDSCAPE = Layout(
    width=297,
    height=210,
    map=Box(10, 27, 277, 98),
    legend=Box(10, 127, 277, 9),
    table=Box(10, 138, 100, 54),
    figures=Box(120, 138, 58, 54),
    inset=Box(188, 138, 99, 54),
)
PORTRAIT = Layout(
    width=210,
    height=297,
    map=Box(10, 27, 190, 173),
    figures=Box(106, 215, 44, 64),
    legend=Box(10, 202, 190, 9),
    inset=Box(156, 215, 44, 64),
    table=Box(10, 215, 90, 64),
)


def heat_sheet(heat: MonthHeat, format: str = "png", lang: str = "zh") -> bytes:
    """The sheet as bytes; the same month gives the same bytes.

    Upright or broad, whichever shows the outline larger. Raises BadInput for another format.
    """
    if format not in FORMATS:
        raise BadInput(f"{format!r} is not a print format; give png or pdf", field="format")
    with one_at_a_time, matplotlib.rc_context({"pdf.fonttype": 42, "text.usetex": False}):
        sheet = draw(heat, lang)
        return sheet.png() if format == "png" else sheet.pdf(_metadata(heat, lang))


def draw(heat: MonthHeat, lang: str) -> Sheet:
    """The finished sheet."""
    layout = _better(heat)
    sheet = Sheet(layout.width, layout.height)
    _heading(sheet, heat, lang)
    sheetmap.draw(sheet, layout.map, heat, lang)
    if heat.total == 0:
        _nothing(sheet, layout.map, lang)
    _figures(sheet, layout.figures, heat, lang)
    _legend(sheet, layout.legend, heat, lang)
    _density(sheet, layout.inset, heat, lang)
    _table(sheet, layout.table, heat, lang)
    _notes(sheet, heat, lang)
    return sheet


def _better(heat: MonthHeat) -> Layout:
    return min(
        (LANDSCAPE, PORTRAIT), key=lambda layout: sheetmap.View(heat.outline, layout.map).metres_per_mm
    )


def _metadata(heat: MonthHeat, lang: str) -> dict[str, object]:
    return {
        "Title": printable(f"{facts.jurisdiction_name(heat, lang)} {facts.title(heat, lang)}"),
        "Creator": "gridmap",
        "Producer": "gridmap",
        "CreationDate": heat.generated_at,
    }


def _heading(sheet: Sheet, heat: MonthHeat, lang: str) -> None:
    text = words(lang)
    joint = " " if lang == "en" else ""
    month = month_name(heat.month, lang)
    title = f"{facts.jurisdiction_name(heat, lang)} {month}{joint}{text['sheet_title']}"
    size = min(21.0, 21 * (sheet.width - 62) / max(width_mm(printable(title), 21, "bold"), 1))
    sheet.text(10, 17, title, max(size, 11), weight="bold", room=sheet.width - 55)
    category = f"{text['category']}{text['colon']}{facts.category_name(heat, lang)}"
    asked = facts.known(heat, lang)
    sheet.text(10, 23.2, " · ".join([category, *asked]), 9.5, colour=QUIET, room=sheet.width - 80)
    sheet.line((10, 25), (sheet.width - 10, 25), colours.BORDER_SUBDISTRICT, 1.6)
    if heat.illustrative:
        mark = text["illustrative"]
        wide = width_mm(mark, 10.5, "bold") + 5
        sheet.rectangle(
            Box(sheet.width - 10 - wide, 11, wide, 7.4), edge=colours.BORDER_SUBDISTRICT, line=1.1
        )
        sheet.text(
            sheet.width - 10 - wide / 2,
            16.1,
            mark,
            10.5,
            weight="bold",
            colour=colours.BORDER_SUBDISTRICT,
            align="center",
        )
        sheet.text(sheet.width - 10, 23.2, text["illustrative_why"], 7, colour=QUIET, align="right")


def _section(sheet: Sheet, box: Box, title: str) -> float:
    sheet.text(
        box.left, box.top + 3.4, title, 9.5, weight="bold", colour=colours.BORDER_SUBDISTRICT, room=box.width
    )
    sheet.line((box.left, box.top + 5), (box.right, box.top + 5), RULE, 0.6)
    return box.top + 5


def _figures(sheet: Sheet, box: Box, heat: MonthHeat, lang: str) -> None:
    text = words(lang)
    top = _section(sheet, box, text["summary"])
    number = f"{heat.total:,}"
    sheet.text(box.left, top + 10.5, number, 25, weight="bold")
    beside = box.left + width_mm(number, 25, "bold") + 3
    sheet.text(beside, top + 5.6, text["total"], 8, colour=QUIET)
    sheet.text(beside, top + 10.2, facts.total_change(heat, lang), 9.5)
    rows = facts.figures(heat, lang)
    step = min(4.6, (box.bottom - top - 12) / len(rows))
    for index, (label, value) in enumerate(rows):
        y = top + 12 + step * (index + 0.75)
        sheet.text(box.left, y, label, 7.5, colour=QUIET, room=box.width - width_mm(value, 7.5) - 2)
        sheet.text(box.right, y, value, 7.5, align="right")


def _legend(sheet: Sheet, box: Box, heat: MonthHeat, lang: str) -> None:
    """The classes: under their heading in a column, beside it in a strip under the map."""
    title = facts.heat_words(heat, lang)["count_legend"]
    if box.width > 120:
        sheet.text(box.left, box.top + 3.3, title, 9.5, weight="bold", colour=colours.BORDER_SUBDISTRICT)
        left = box.left + width_mm(title, 9.5, "bold") + 5
        _classes(sheet, Box(left, box.top, box.right - left, 8), heat, lang)
    else:
        top = _section(sheet, box, title)
        _classes(sheet, Box(box.left, top + 1.6, box.width, 8), heat, lang)


def _classes(sheet: Sheet, box: Box, heat: MonthHeat, lang: str) -> None:
    names = ("0", *colours.class_labels(heat.scale.counts, lang))
    fills = (colours.ZERO, *colours.classes(len(heat.scale.counts)))
    wide = box.width / len(names)
    for index, (name, fill) in enumerate(zip(names, fills, strict=True)):
        sheet.rectangle(
            Box(box.left + wide * index, box.top, wide - 0.8, 3.8), fill=fill, edge="#8f8a7e", line=0.4
        )
        sheet.text(box.left + wide * (index + 0.5) - 0.4, box.top + 6.6, name, 7, align="center")


def _density(sheet: Sheet, box: Box, heat: MonthHeat, lang: str) -> None:
    text = words(lang)
    top = _section(sheet, box, text["density_legend"])
    if heat.private:
        sheet.text(box.left, top + 6, text["private_category"], 9, colour=QUIET)
        return
    sheetmap.draw_density(sheet, Box(box.left, top + 1.5, box.width, box.bottom - top - 8), heat)
    fills, wide = colours.classes(len(heat.scale.densities)), box.width / len(heat.scale.densities)
    for index, (limit, fill) in enumerate(zip(heat.scale.densities, fills, strict=True)):
        sheet.rectangle(
            Box(box.left + wide * index, box.bottom - 5, wide, 1.9), fill=fill, edge="#8f8a7e", line=0.3
        )
        sheet.text(box.left + wide * index, box.bottom - 0.5, short_number(limit, lang), 6, colour=QUIET)


def _table(sheet: Sheet, box: Box, heat: MonthHeat, lang: str) -> None:
    text = facts.heat_words(heat, lang)
    top = _section(sheet, box, text["leading"])
    if not heat.leading:
        sheet.text(box.left, top + 6, text["no_reports"], 9, colour=QUIET)
        return
    step = min(4.7, (box.bottom - top) / (ROWS + 1))
    communities = any(grid.community for grid in heat.leading[:ROWS])
    name_at, count_at, change_at = box.left + 6, box.right - 13, box.right
    community_at = name_at + (box.width - 30) * 0.56 if communities else count_at - 8
    header = [
        (box.left, text["rank"], "left"),
        (name_at, text["grid"], "left"),
        (count_at, text["count"], "right"),
        (change_at, text["change"], "right"),
    ]
    if communities:
        header.insert(2, (community_at, text["community"], "left"))
    for x, label, align in header:
        sheet.text(x, top + step * 0.78, label, 7, colour=QUIET, align=align)
    for index, grid in enumerate(heat.leading[:ROWS], start=1):
        y = top + step * (index + 0.78)
        sheet.line((box.left, y - step * 0.78), (box.right, y - step * 0.78), "#e6e2d8", 0.4)
        sheet.text(box.left, y, str(index), 7.5, colour=QUIET)
        sheet.text(name_at, y, grid.name, 7.8, room=community_at - name_at - 1)
        if communities:
            room = count_at - community_at - 9
            sheet.text(community_at, y, grid.community, 7.2, colour=QUIET, room=room)
        sheet.text(count_at, y, f"{grid.count:,}", 8, weight="bold", align="right")
        tone = {"up": "#a32222", "down": "#1f6b3a"}.get(facts.trend(grid), INK)
        sheet.text(change_at, y, facts.change(grid), 7.8, colour=tone, align="right")


def _notes(sheet: Sheet, heat: MonthHeat, lang: str) -> None:
    joint = " · "
    room, size = sheet.width - 20, 6.6
    lines = [""]
    for note in facts.notes(heat, lang):
        longer = joint.join(filter(None, [lines[-1], note]))
        if width_mm(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(note)
    for index, line in enumerate(lines[:3]):
        sheet.text(10, sheet.height - 13 + 3.4 * index, line, size, colour=QUIET, room=room)


def _nothing(sheet: Sheet, box: Box, lang: str) -> None:
    """A plate in the map's upper left corner, clear of the district."""
    text = words(lang)
    wide = max(width_mm(text["no_reports"], 18, "bold"), width_mm(text["no_reports_why"], 9)) + 10
    plate = Box(box.left + 4, box.top + 4, wide, 19)
    sheet.rectangle(plate, fill="#ffffff", edge=colours.BORDER_SUBDISTRICT, line=0.9)
    sheet.text(plate.left + 5, plate.top + 9, text["no_reports"], 18, weight="bold")
    sheet.text(plate.left + 5, plate.top + 15, text["no_reports_why"], 9, colour=QUIET)
