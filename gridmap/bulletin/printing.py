"""The bulletin as an A4 PDF of eight pages, its fonts inside; Chinese in it can be searched and copied."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import matplotlib
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages

from gridmap.bulletin.paper import cover, frame, pages
from gridmap.bulletin.printed import Printed, printed
from gridmap.bulletin.voice import Voice
from gridmap.maps.lettering import Box, Sheet, one_at_a_time, printable
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.monthly import next_month

Draw = Callable[[Sheet, Box, Printed, Voice], None]

# The names are those that `step` is called with.
PAGES: dict[str, Draw] = {
    "heat": pages.heat_map,
    "significant": pages.significant,
    "categories": pages.by_category,
    "change": pages.changes,
    "places": pages.around_places,
    "works": pages.work_records,
    "method": pages.method_notes,
}


def bulletin_pdf(
    digest: Digest, *, lang: str = "zh", step: Callable[[str], None] = lambda step: None
) -> bytes:
    """The file's bytes; the same digest and version give the same bytes.

    `step` is told the name of each page before it is drawn; what it raises ends the work. Raises BadInput for
    a language that there is not.
    """
    fit, voice = printed(digest), Voice(lang, digest.heat.kind)
    number = len(PAGES) + 1
    file = io.BytesIO()
    with one_at_a_time, matplotlib.rc_context({"pdf.fonttype": 42, "text.usetex": False}):
        made = PdfPages(file, metadata=_metadata(digest, voice))
        step("cover")
        _add(made, cover.draw(fit.digest, voice, number))
        for at, (name, draw) in enumerate(PAGES.items(), start=2):
            step(name)
            sheet, box = frame.page(fit.digest, voice, at, number)
            draw(sheet, box, fit, voice)
            _add(made, sheet)
        step("file")
        made.close()
    return file.getvalue()


def _add(made: PdfPages, sheet: Sheet) -> None:
    FigureCanvasPdf(sheet.figure).print_pdf(made)


def _metadata(digest: Digest, voice: Voice) -> dict[str, object]:
    heat = digest.heat
    title = f"{voice.name(heat.jurisdiction)} {voice.month(heat.month)} {voice('bulletin')}"
    return {
        "Title": printable(title),
        "Creator": "gridmap",
        "Producer": "gridmap",
        "CreationDate": _dated(digest),
    }


def _dated(digest: Digest) -> datetime:
    """The month's end: nothing in the file may tell when it was made."""
    following = next_month(digest.heat.month)
    zone = ZoneInfo(digest.heat.time_zone)
    return datetime(following.year, following.month, 1, tzinfo=zone).astimezone(UTC)
