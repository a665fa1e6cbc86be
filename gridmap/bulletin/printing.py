"""The bulletin as an A4 PDF of eight pages, its fonts inside; Chinese in it can be searched and copied."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import matplotlib
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages

from gridmap.bulletin.paper import cover, frame, pages
from gridmap.bulletin.printed import Printed, printed
from gridmap.bulletin.voice import Voice
from gridmap.maps.lettering import Box, Sheet, one_at_a_time, printable
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.months import next_month

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
    voice = Voice(lang, digest.heat.kind)
    file = io.BytesIO()
    with one_at_a_time, matplotlib.rc_context({"pdf.fonttype": 42, "text.usetex": False}):
        made = PdfPages(file, metadata=_metadata(digest, voice))
        for sheet in sheets(digest, lang, step):
            FigureCanvasPdf(sheet.figure).print_pdf(made)
        step("file")
        made.close()
    return file.getvalue()


def sheets(digest: Digest, lang: str, step: Callable[[str], None] = lambda step: None) -> Iterator[Sheet]:
    """The pages one after the other, each drawn when it is asked for."""
    fit, voice = printed(digest), Voice(lang, digest.heat.kind)
    number = len(PAGES) + 1
    step("cover")
    yield cover.draw(fit.digest, voice, number)
    for at, (name, draw) in enumerate(PAGES.items(), start=2):
        step(name)
        sheet, box = frame.page(fit.digest, voice, at, number)
        draw(sheet, box, fit, voice)
        yield sheet


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
    """When the newest thing counted was recorded, else the month's end; never when the file was made."""
    if digest.data_until is not None:
        return digest.data_until.astimezone(UTC).replace(microsecond=0)
    following = next_month(digest.heat.month)
    zone = ZoneInfo(digest.heat.time_zone)
    return datetime(following.year, following.month, 1, tzinfo=zone).astimezone(UTC)
