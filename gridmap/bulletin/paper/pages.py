"""The pages after the cover, each from its section: what stands where, and who gets the room that is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gridmap.bulletin.content import categories, change, heat, hot, method, places, works
from gridmap.bulletin.content.places import weeks
from gridmap.bulletin.model import Section, Table
from gridmap.bulletin.paper import maps, rhythms, tables
from gridmap.bulletin.paper.column import BODY, HEADING_MM, NOTE, Column, height
from gridmap.bulletin.printed import Printed
from gridmap.bulletin.voice import Voice
from gridmap.maps import colours, facts, sheetmap
from gridmap.maps.lettering import QUIET, Box, Sheet
from gridmap.maps.words import short_number

_STEP = 5.2  # millimetres of a row
_CLOSE = 4.7
_GUTTER = 7.0
# Two columns under the heat map, beside the density's small map or under its large one: left edge, width.
_NARROW = ((64.0, 56.0), (126.0, 54.0))
_WIDE = ((0.0, 80.0), (87.0, 93.0))


def _begin(column: Column, section: Section) -> None:
    column.title(section.title)
    for text in section.lead:
        column.paragraph(text)


def heat_map(sheet: Sheet, box: Box, printed: Printed, voice: Voice) -> None:
    digest = printed.digest
    section = heat.section(printed, voice)
    column = Column(sheet, box)
    _begin(column, section)
    difference, *others = section.notes
    notes = (others, [difference])
    lower = 3 + max(
        60.0,
        *(
            tables.height(table, wide, _CLOSE) + height(said, wide, NOTE)
            for (_, wide), table, said in zip(_NARROW, section.tables, notes, strict=True)
        ),
    )
    room = column.room - lower - maps.LEGEND_MM - 2
    map_box = Box(box.left, column.y, box.width, maps.fitted_height(digest.heat, box.width, room))
    sheetmap.draw(sheet, map_box, digest.heat, voice.lang)
    legend = Box(box.left, map_box.bottom + 2, box.width, 8)
    title = facts.heat_words(digest.heat, voice.lang)["count_legend"]
    maps.strip(sheet, legend, title, maps.count_classes(digest, voice))
    top, columns = map_box.bottom + maps.LEGEND_MM + 5, _NARROW
    if box.bottom - top > lower + 55:  # a broad district leaves room for a second map of its own width
        _density(sheet, Box(box.left, top, box.width, box.bottom - top - lower - 3), printed, voice)
        top, columns = box.bottom - lower + 3, _WIDE
    else:
        _density(sheet, Box(box.left, top, 58, box.bottom - top), printed, voice)
    for (left, wide), table, said in zip(columns, section.tables, notes, strict=True):
        part = Column(sheet, Box(box.left + left, top, wide, box.bottom - top))
        tables.draw(part, table, voice, _CLOSE)
        part.notes(said)


def _density(sheet: Sheet, box: Box, printed: Printed, voice: Voice) -> None:
    heat = printed.digest.heat
    column = Column(sheet, box)
    column.heading(voice("density_legend"))
    sheetmap.draw_density(sheet, Box(box.left, column.y + 0.5, box.width, box.bottom - column.y - 8.5), heat)
    limits = heat.scale.densities
    fills, wide = colours.classes(len(limits)), box.width / len(limits)
    for at, (limit, fill) in enumerate(zip(limits, fills, strict=True)):
        field = Box(box.left + wide * at, box.bottom - 6.5, wide, 2.2)
        sheet.rectangle(field, fill=fill, edge="#8f8a7e", line=0.3)
        sheet.text(field.left, box.bottom - 1.2, short_number(limit, voice.lang), 6.4, colour=QUIET)


def significant(sheet: Sheet, box: Box, printed: Printed, voice: Voice) -> None:
    section = hot.section(printed.digest, voice)
    column = Column(sheet, box)
    _begin(column, section)
    half = (box.width - _GUTTER) / 2
    below = max(height(each.paragraphs, half) for each in section.words) + HEADING_MM + 2
    notes = height(section.notes, box.width, NOTE)
    most = [min(len(each.rows), limit) for each, limit in zip(section.tables, (12, 5), strict=False)]
    rows = sum(HEADING_MM + 9 + _STEP * many for many in most)
    room = max(column.room - below - notes - rows - maps.LEGEND_MM - 6, 80.0)
    map_high = maps.fitted_height(printed.digest.heat, box.width, room)
    map_box = Box(box.left, column.y, box.width, map_high)
    maps.significance(sheet, map_box, printed.digest, voice)
    maps.significance_legend(sheet, Box(box.left, map_box.bottom + 2, box.width, 4), voice)
    column.y = map_box.bottom + maps.LEGEND_MM
    for at, each in enumerate(section.tables):
        high = HEADING_MM + 10 + _STEP * most[at]
        part = Column(sheet, Box(box.left, column.y, box.width, high))
        tables.draw(part, each, voice, _STEP)
        column.y = part.y + 1
    _beside(sheet, Box(box.left, column.y + 1, box.width, box.bottom - column.y), section, half)
    last = Column(sheet, Box(box.left, box.bottom - notes, box.width, notes))
    last.notes(section.notes)


def _beside(sheet: Sheet, box: Box, section: Section, half: float) -> None:
    """Words in two columns."""
    for at, each in enumerate(section.words):
        part = Column(sheet, Box(box.left + at * (half + _GUTTER), box.top, half, box.height))
        part.heading(each.title)
        for text in each.paragraphs:
            part.paragraph(text)


def by_category(sheet: Sheet, box: Box, printed: Printed, voice: Voice) -> None:
    _with_table(sheet, box, categories.section(printed.digest, voice), voice, 7.2)


def work_records(sheet: Sheet, box: Box, printed: Printed, voice: Voice) -> None:
    _with_table(sheet, box, works.section(printed.digest, voice), voice, 6.8)


def _with_table(sheet: Sheet, box: Box, section: Section, voice: Voice, step: float) -> None:
    """A table as high as it needs, its rows closer where they are many; the notes under it."""
    column = Column(sheet, box)
    _begin(column, section)
    notes = height(section.notes, box.width, NOTE)
    for table in section.tables:
        room = column.room - notes - 4
        fits = (room - HEADING_MM - 12) / max(len(table.rows), 1)
        part = Column(sheet, Box(box.left, column.y + 1, box.width, room))
        tables.draw(part, table, voice, max(4.6, min(step, fits)))
        column.y = part.y + 2
    column.notes(section.notes)


def changes(sheet: Sheet, box: Box, printed: Printed, voice: Voice) -> None:
    section = change.section(printed.digest, voice)
    column = Column(sheet, box)
    _begin(column, section)
    notes = height(section.notes, box.width, NOTE)
    if section.tables:
        most = max(len(table.rows) for table in section.tables)
        below = HEADING_MM + 10 + _STEP * max(most, 1)
        room = column.room - below - notes - maps.LEGEND_MM - 5
        map_high = maps.fitted_height(printed.digest.heat, box.width, room)
        map_box = Box(box.left, column.y, box.width, map_high)
        maps.changed(sheet, map_box, printed.digest, voice)
        legend = Box(box.left, map_box.bottom + 2, box.width, 8)
        maps.strip(sheet, legend, voice("change_legend"), maps.change_classes(printed.digest))
        half = (box.width - _GUTTER) / 2
        top = map_box.bottom + maps.LEGEND_MM + 3
        for at, table in enumerate(section.tables):
            part = Column(sheet, Box(box.left + at * (half + _GUTTER), top, half, below))
            tables.draw(part, table, voice, _STEP)
    last = Column(sheet, Box(box.left, box.bottom - notes, box.width, notes))
    last.notes(section.notes)


def around_places(sheet: Sheet, box: Box, printed: Printed, voice: Voice) -> None:
    section = places.section(printed.digest, voice)
    column = Column(sheet, box)
    _begin(column, section)
    notes = height(section.notes, box.width, NOTE)
    told = weeks(printed.digest, voice)
    rows = (len(told) + 1) // 2
    below = rows * (rhythms.HEIGHT + 3) + (HEADING_MM if told else 0)
    room = column.room - notes - below - 4
    _shared(sheet, Box(box.left, column.y + 1, box.width, room), section.tables, voice)
    if told:
        part = Column(sheet, Box(box.left, box.bottom - notes - below, box.width, below))
        part.heading(voice("rhythms_title"))
        half = (box.width - _GUTTER) / 2
        for at, week in enumerate(told):
            left = box.left + at % 2 * (half + _GUTTER)
            field = Box(left, part.y + at // 2 * (rhythms.HEIGHT + 3), half, rhythms.HEIGHT)
            rhythms.draw(sheet, field, week, voice)
    last = Column(sheet, Box(box.left, box.bottom - notes, box.width, notes))
    last.notes(section.notes)


def _shared(sheet: Sheet, box: Box, wanted: Sequence[Table], voice: Voice) -> None:
    """Tables one under the other in a box: each as high as it needs, the last with what is left."""
    top = box.top
    for at, table in enumerate(wanted):
        left = box.bottom - top
        room = left if at == len(wanted) - 1 else min(tables.height(table, box.width, 4.8), left * 0.6)
        part = Column(sheet, Box(box.left, top, box.width, room))
        tables.draw(part, table, voice, 4.8)
        top = part.y + 2


def method_notes(sheet: Sheet, box: Box, printed: Printed, voice: Voice) -> None:
    section = method.section(printed, voice)
    column = Column(sheet, box)
    _begin(column, section)
    tables.draw(column, section.tables[0], voice, 5.4)
    half = (box.width - _GUTTER) / 2
    size = BODY - 0.4
    heights = np.cumsum([HEADING_MM + 3 + height(each.paragraphs, half, size) for each in section.words])
    split = int(np.searchsorted(heights, heights[-1] / 2)) + 1
    for at, words in enumerate((section.words[:split], section.words[split:])):
        side = Column(sheet, Box(box.left + at * (half + _GUTTER), column.y + 3, half, column.room - 3))
        for each in words:
            side.heading(each.title)
            for text in each.paragraphs:
                side.paragraph(text, size)
            side.gap(2)
