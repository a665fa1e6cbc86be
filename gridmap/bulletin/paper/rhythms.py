"""Hours of the week on paper: seven rows of twenty-four fields, the opening hours framed."""

from __future__ import annotations

import numpy as np

from gridmap.bulletin.content.places import CLASSES, Week
from gridmap.bulletin.voice import Voice
from gridmap.maps import colours
from gridmap.maps.lettering import QUIET, Box, Sheet, width_mm

EMPTY = "#f4f2ee"
HEIGHT = 36.0  # millimetres of one matrix with its title and hours


def colour(count: int) -> str:
    return (EMPTY, *colours.classes(len(CLASSES)))[colours.class_of(count, CLASSES)]


def draw(sheet: Sheet, box: Box, week: Week, voice: Voice) -> None:
    """One kind of place in a box of HEIGHT."""
    sheet.text(box.left, box.top + 3.2, week.title, 8.6, weight="bold")
    beside = box.left + width_mm(week.title, 8.6, "bold") + 3
    sheet.text(beside, box.top + 3.2, week.said, 7.4, colour=QUIET, room=box.right - beside)
    left, top = box.left + 4.5, box.top + 5.2
    wide, high = (box.right - left) / 24, (box.height - 5.2 - 4.4) / 7
    fields = [Box(left + wide * hour, top + high * day, wide, high) for day in range(7) for hour in range(24)]
    sheet.mosaic(fields, [colour(count) for count in week.rhythm.every.ravel().tolist()])
    for day in range(7):
        sheet.text(box.left, top + high * (day + 0.5) + 0.95, voice("weekdays")[day], 6.6, colour=QUIET)
    _frames(sheet, Box(left, top, wide, high), week)
    for hour in range(0, 24, 3):
        sheet.text(
            left + wide * (hour + 0.5), top + high * 7 + 2.9, str(hour), 6.2, colour=QUIET, align="center"
        )


def _frames(sheet: Sheet, field: Box, week: Week) -> None:
    """A line wherever an hour that is open lies beside one that is not."""
    padded = np.pad(week.open, 1)
    for day in range(8):
        for hour in range(25):
            x, y = field.left + field.width * hour, field.top + field.height * day
            here = padded[day + 1, hour + 1] if day < 7 and hour < 24 else False
            if day < 7 and here != padded[day + 1, hour]:
                sheet.line((x, y), (x, y + field.height), colours.COLD, 1.1)
            if hour < 24 and here != padded[day, hour + 1]:
                sheet.line((x, y), (x + field.width, y), colours.COLD, 1.1)
