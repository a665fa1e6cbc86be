"""Tables on paper: figures aligned on the point, names cut where they are too long, bars in rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gridmap.bulletin.model import Bar, Cell, Heading, Table
from gridmap.bulletin.paper.column import HEADING_MM, NOTE, Column, broken, leading
from gridmap.bulletin.voice import Voice, decimals
from gridmap.maps.lettering import INK, QUIET, Box, Sheet, printable, width_mm

SIZE, HEAD = 8.4, 7.4  # points
_GAP = 3.2  # millimetres between columns
_AIR = 5.0  # millimetres more for each column of figures, where there is room
_ONE_LINE = 14.0  # millimetres up to which a heading stays on one line
_LEAST = 12.0  # of a column that may be cut
_BAR = 38.0  # of a column of bars, at the least
_HEAD_LINE = leading(HEAD) * 0.82
TONES = {"": INK, "strong": INK, "quiet": QUIET, "up": "#a32222", "down": "#1f6b3a"}
BAR, MONTH, YEAR = "#c8896f", "#1d2430", "#1c64ad"


def fitting(table: Table, room: float, step: float) -> int:
    """How many rows fit into `room` millimetres, its heading and a last line for the others counted."""
    return max(0, int((room - HEADING_MM - 3 * _HEAD_LINE - leading(NOTE)) / step))


def height(table: Table, width: float, step: float) -> float:
    """Of the whole table as `draw` sets it."""
    if not table.rows:
        return HEADING_MM + leading(SIZE) + 1
    more = leading(NOTE) * 1.2 if table.more else 0
    return HEADING_MM + _head_height(table, _widths(table, width)) + step * len(table.rows) + more + 1


def draw(column: Column, table: Table, voice: Voice, step: float = 5.2) -> None:
    """The table at the column's place; rows that the column has no room for are counted under it."""
    column.heading(table.caption)
    if not table.rows:
        column.paragraph(table.empty, SIZE, QUIET)
        return
    widths = _widths(table, column.box.width)
    _head(column, table, widths)
    most = int((column.room - (leading(NOTE) * 1.2 if table.more else 0) + 0.01) / step)
    if len(table.rows) > most:
        most = int((column.room - leading(NOTE) * 1.2) / step)
    shown = table.rows[: max(most, 0)]
    tails = [_tail(row[at].text for row in table.rows) for at in range(len(table.headings))]
    for row in shown:
        _row(column, table.headings, row, widths, tails, step)
    column.sheet.line((column.box.left, column.y), (column.box.right, column.y), "#e6e2d8", 0.4)
    if more := table.more + len(table.rows) - len(shown):
        column.paragraph(voice("rows_more", n=f"{more:,}"), NOTE, QUIET)
    column.gap(1)


def _tail(texts: Iterable[str]) -> float:
    """How far figures reach beyond their point, at the most, in millimetres: whole ones stand off as far."""
    return max(
        (width_mm("." + text.partition(".")[2], SIZE) for text in texts if decimals(text)), default=0.0
    )


def _natural(table: Table, at: int) -> float:
    cells = [row[at] for row in table.rows]
    if any(cell.bar for cell in cells):
        return _BAR
    return max((_cell_width(cell) for cell in cells), default=0.0)


def _cell_width(cell: Cell) -> float:
    weight = "bold" if cell.tone == "strong" else "regular"
    return width_mm(printable(cell.text), SIZE, weight) + (5.0 if cell.fill else 0)


def _widths(table: Table, width: float) -> list[float]:
    """Each column as broad as its cells and the longest word of its heading; what is over goes by share."""
    natural, least = [], []
    for at, heading in enumerate(table.headings):
        wide = _natural(table, at)
        natural.append(max(wide, _label_width(heading.label)))
        least.append(min(natural[-1], _LEAST) if heading.share else natural[-1])
    free = width - _GAP * (len(natural) - 1)
    over = free - sum(natural)
    shares = [heading.share for heading in table.headings]
    if over >= 0:
        figures = [heading.align == "right" for heading in table.headings]
        air = min(_AIR, 0.5 * over / max(sum(figures), 1))
        rest, total = over - air * sum(figures), sum(shares) or 1.0
        return [
            wide + air * right + rest * share / total
            for wide, right, share in zip(natural, figures, shares, strict=True)
        ]
    give = sum(wide - small for wide, small in zip(natural, least, strict=True))
    part = min(1.0, -over / give) if give else 0.0
    return [wide - part * (wide - small) for wide, small in zip(natural, least, strict=True)]


def _label_width(label: str) -> float:
    """A long heading may take three lines, but keeps its words whole."""
    words = [width_mm(printable(word), HEAD) for word in label.split()]
    whole = width_mm(printable(label), HEAD)
    return max([whole / 3, _ONE_LINE, *words]) if len(words) > 1 and whole > _ONE_LINE else whole


def _head_lines(heading: Heading, width: float) -> list[str]:
    return broken(heading.label, width + 0.01, HEAD)


def _head_height(table: Table, widths: Sequence[float]) -> float:
    most = max(len(_head_lines(h, w)) for h, w in zip(table.headings, widths, strict=True))
    return most * _HEAD_LINE + 1.2 if most else 0.0


def _head(column: Column, table: Table, widths: Sequence[float]) -> None:
    high = _head_height(table, widths)
    left = column.box.left
    for heading, width in zip(table.headings, widths, strict=True):
        texts = _head_lines(heading, width)
        x = left if heading.align == "left" else left + width
        for index, text in enumerate(texts):
            y = column.y + high - 1.6 - _HEAD_LINE * (len(texts) - 1 - index)
            column.sheet.text(x, y, text, HEAD, colour=QUIET, align=heading.align)
        left += width + _GAP
    column.y += high


def _row(
    column: Column,
    headings: Sequence[Heading],
    row: Sequence[Cell],
    widths: Sequence[float],
    tails: Sequence[float],
    step: float,
) -> None:
    sheet, y = column.sheet, column.y
    if y > column.box.top:
        sheet.line((column.box.left, y), (column.box.right, y), "#e6e2d8", 0.4)
    left, baseline = column.box.left, y + step / 2 + SIZE * 0.29 / 2 + 0.05
    for heading, cell, width, tail in zip(headings, row, widths, tails, strict=True):
        if cell.bar:
            _bar(sheet, Box(left, y + step * 0.18, width, step * 0.64), cell.bar)
        else:
            start = left
            if cell.fill:
                sheet.rectangle(
                    Box(left, y + step / 2 - 1.4, 3.6, 2.8), fill=cell.fill, edge="#8f8a7e", line=0.3
                )
                start += 5.0
            x = start if heading.align == "left" else left + width - tail + _tail([cell.text])
            weight = "bold" if cell.tone == "strong" else "regular"
            sheet.text(
                x,
                baseline,
                cell.text,
                SIZE,
                colour=TONES[cell.tone],
                weight=weight,
                align=heading.align,
                room=width - (start - left) + 0.05,
            )
        left += width + _GAP
    column.y += step


def _bar(sheet: Sheet, box: Box, bar: Bar) -> None:
    """This month as a bar; a stroke where the month before ends, a ring where last year's does."""
    sheet.line((box.left, box.top - 0.6), (box.left, box.bottom + 0.6), "#8f8a7e", 0.6)
    if bar.now:
        sheet.rectangle(Box(box.left, box.top, max(box.width * bar.now, 0.15), box.height), fill=BAR)
    middle = box.top + box.height / 2
    if bar.month is not None:
        x = box.left + box.width * bar.month
        sheet.line((x, box.top - 0.35), (x, box.bottom + 0.35), MONTH, 1.3)
    if bar.year is not None:
        x = box.left + box.width * bar.year
        sheet.dot((x, middle), 0.95, edge=YEAR)
