"""Work records: what was done, in the month and in the year up to its end."""

from __future__ import annotations

from gridmap.bulletin.model import Bar, Cell, Heading, Section, Table
from gridmap.bulletin.voice import Voice, quantity, unit
from gridmap.statistics.digests.model import Digest


def section(digest: Digest, voice: Voice) -> Section:
    with_any = sum(each.records > 0 for each in digest.works)
    records = sum(each.records for each in digest.works)
    lead = voice(
        "works_lead", records=voice.many(records, "records"), kinds=voice.many(with_any, "kinds_of_work")
    )
    return Section(
        voice("works_title"),
        (lead if digest.works else voice("works_none"),),
        (table(digest, voice),) if digest.works else (),
        notes=(voice("works_note", year=digest.heat.month.year),),
    )


def table(digest: Digest, voice: Voice) -> Table:
    """A row for each kind, most records of the month first."""
    headings = (
        Heading(voice("work_kind"), share=1),
        Heading(voice("unit")),
        Heading(voice("work_records"), "right"),
        Heading(voice("this_month_short"), "right"),
        Heading(voice("year_so_far"), "right"),
        Heading(voice("share_of_year"), share=0.7),
        Heading("%", "right"),
    )
    rows = []
    for each in sorted(digest.works, key=lambda each: (-each.records, each.kind.code)):
        share = float(each.quantity / each.of_year) if each.of_year else 0.0
        rows.append(
            (
                Cell(each.kind.name if voice.lang == "zh" else each.kind.name_en or each.kind.name),
                Cell(unit(each.kind.unit), "quiet"),
                Cell(f"{each.records:,}"),
                Cell(quantity(each.quantity), "strong" if each.records else "quiet"),
                Cell(quantity(each.of_year)),
                Cell(bar=Bar(min(max(share, 0.0), 1.0))),
                Cell(f"{100 * share:.0f}%", "quiet"),
            )
        )
    return Table(voice("works_table"), headings, tuple(rows), empty=voice("works_none"))
