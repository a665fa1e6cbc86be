"""Making a month's package: digest, drawings, numbers, layers, manifest, step by step."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.bulletin.archive import store
from gridmap.bulletin.packing import manifest as manifests
from gridmap.bulletin.packing.checking import check
from gridmap.bulletin.packing.layers import geopackage, layers
from gridmap.bulletin.packing.model import MANIFEST, Package, Progress, file_name
from gridmap.bulletin.packing.tables import tables
from gridmap.bulletin.printed import printed
from gridmap.database.sessions import Database
from gridmap.places import store as places
from gridmap.spreadsheets import Sheet, workbook_bytes
from gridmap.statistics.digests.making import digest
from gridmap.statistics.months import last_day, month_span


def package(
    database: Database,
    jurisdiction: Jurisdiction,
    month: date,
    *,
    lang: str = "zh",
    as_of: datetime | None = None,
    edition: int | None = None,
    progress: Progress = lambda number, of, name: None,
) -> Package:
    """All files of the month's bulletin. The same data and version give the same bytes.

    `as_of` and `edition` as in statistics.digests.making.digest. `progress` is called before each step and
    cancels the work by raising. Raises as `check`.
    """
    # libraries that draw take a second to import, which who only asks for the archive need not wait for
    from gridmap.bulletin.html import bulletin_html
    from gridmap.bulletin.printing import PAGES, bulletin_pdf

    names = ["numbers", "cover", *PAGES, "file", "html", "xlsx", "gpkg"]

    def step(name: str) -> None:
        progress(names.index(name) + 1, len(names), name)

    step("numbers")
    with database.reading() as connection:
        check(connection, jurisdiction, month, lang)
        read_at = store.moment(connection)
        there = places.places(connection, jurisdiction.code, day=last_day(month), as_of=as_of)
        editions = {each.id: each for each in areas.editions(connection, jurisdiction.code, "grid")}
    shown = printed(digest(database, jurisdiction, month, as_of=as_of, edition=edition))
    moment = shown.digest.data_until or month_span(jurisdiction, month)[1]
    made, drawn = tables(shown, lang), layers(shown, there, lang)
    files = {"pdf": bulletin_pdf(shown.digest, lang=lang, step=step)}
    step("html")
    files["html"] = bulletin_html(shown.digest, lang=lang)
    step("xlsx")
    sheets = [Sheet(table.title, table.headings, table.rows) for table in made]
    files["xlsx"] = workbook_bytes(sheets, moment=moment.astimezone(UTC))
    step("gpkg")
    gc.collect()  # drawings hold themselves in circles; the library that writes layers brings 80 MB more
    files["gpkg"] = geopackage(drawn, moment=moment)
    named = {file_name(jurisdiction.code, month, lang, suffix): body for suffix, body in files.items()}
    told = manifests.manifest(shown, editions[shown.digest.heat.edition], made, drawn, named, lang=lang)
    named[MANIFEST] = manifests.as_bytes(told)
    return Package(jurisdiction.code, month, lang, read_at, told, named)
