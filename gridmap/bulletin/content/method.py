"""Method and caveats: how the numbers were made and what they cannot say."""

from __future__ import annotations

from gridmap import __version__
from gridmap.bulletin.model import Cell, Heading, Section, Table, Words
from gridmap.bulletin.printed import Printed
from gridmap.bulletin.voice import Voice, number
from gridmap.maps.surface import bandwidth_m
from gridmap.statistics.hotspots import LEAST_REPORTS

ABOUT = {
    "about_placing": "about_placing_text",
    "about_counting": "about_counting_text",
    "about_doubtful": "about_doubtful_text",
    "about_testing": "about_testing_text",
    "about_comparing": "about_comparing_text",
    "about_scales": "about_scales_text",
    "about_surface": "about_surface_text",
    "about_places": "about_places_text",
    "about_masking": "about_masking_text",
}  # title -> paragraph


def section(printed: Printed, voice: Voice) -> Section:
    digest = printed.digest
    values = {
        "metres": number(bandwidth_m(digest.heat), 0),
        "permutations": f"{digest.hot.permutations:,}",
        "level": f"{digest.hot.level:g}",
        "least": LEAST_REPORTS,
        "private": voice.many(printed.private, "reports"),
    }
    words = tuple(Words(voice(title), (voice(text, **values),)) for title, text in ABOUT.items())
    return Section(voice("method_title"), (), (about(printed, voice),), words)


def about(printed: Printed, voice: Voice) -> Table:
    """What this bulletin is made from, to make it again."""
    heat, hot = printed.digest.heat, printed.digest.hot
    since = voice("edition_from", day=heat.edition_from) if heat.edition_from else voice("from_beginning")
    until, zone = printed.digest.data_until, heat.time_zone
    rows = [
        (voice("jurisdiction"), f"{voice.name(heat.jurisdiction)} ({heat.jurisdiction.code})"),
        (voice("month"), f"{heat.month:%Y-%m}"),
        (voice("data_until"), voice.moment(until, zone) if until else voice("no_data")),
        (voice("edition"), f"{heat.edition} ({since})"),
        (voice("time_zone"), zone),
        (voice("permutations"), f"{hot.permutations:,}"),
        (voice("seed"), str(hot.seed)),
        (voice("level"), f"{hot.level:g}"),
        (voice("software"), f"gridmap {__version__}"),
    ]
    if printed.digest.as_of is not None:
        rows.insert(3, (voice("as_of_label"), voice.moment(printed.digest.as_of, zone)))
    if printed.digest.recut is not None:
        rows.insert(3, (voice("recut_label"), str(printed.digest.recut)))
    return Table(
        voice("about_table"),
        (Heading("", share=0), Heading("", share=1)),
        tuple((Cell(label, "quiet"), Cell(value)) for label, value in rows),
    )
