"""Making a month's package: digest, drawings, numbers, layers, manifest, step by step."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import Edition, Jurisdiction
from gridmap.bulletin.archive import store
from gridmap.bulletin.packing import manifest as manifests
from gridmap.bulletin.packing.layers import geopackage, layers
from gridmap.bulletin.packing.model import Package, Progress, file_name
from gridmap.bulletin.packing.tables import tables
from gridmap.bulletin.printed import printed
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, NotFound
from gridmap.maps.words import words
from gridmap.places import store as places
from gridmap.spreadsheets import Sheet, workbook_bytes
from gridmap.statistics.digests.making import digest
from gridmap.statistics.monthly import last_day, month_span
from gridmap.statistics.shown import shown_on

PAGES = 8  # of the PDF
STEPS = 1 + PAGES + 3  # numbers; pages; page for the screen, workbook, layers


def check(connection: Connection, jurisdiction: Jurisdiction, month: date, lang: str) -> None:
    """Whether there can be a bulletin, told before any work is done.

    Raises BadInput for a month that has not begun or a language that there is not, NotFound without grids.
    """
    words(lang)
    if month > jurisdiction.today():
        raise BadInput(f"{month:%Y-%m} has not begun; give a month that has", field="month")
    if shown_on(connection, jurisdiction.code, last_day(month)) is None:
        raise NotFound(f"{jurisdiction.code} has no grids in {month:%Y-%m}; import them", field="month")


def package(
    database: Database,
    jurisdiction: Jurisdiction,
    month: date,
    *,
    lang: str = "zh",
    progress: Progress = lambda number, of, name: None,
) -> Package:
    """All files of the month's bulletin. The same data and version give the same bytes.

    `progress` is called before each step and cancels the work by raising. Raises as `check`.
    """
    # libraries that draw take a second to import, which who only asks for the archive need not wait for
    from gridmap.bulletin.html import bulletin_html
    from gridmap.bulletin.printing import bulletin_pdf

    step = _counted(progress)
    step("numbers")
    with database.reading() as connection:
        check(connection, jurisdiction, month, lang)
        read_at = store.moment(connection)
        there = places.places(connection, jurisdiction.code, day=last_day(month))
        editions = {each.id: each for each in areas.editions(connection, jurisdiction.code, "grid")}
    shown = printed(digest(database, jurisdiction, month))
    moment = shown.digest.data_until or month_span(jurisdiction, month)[1]
    made, drawn = tables(shown, lang), layers(shown, there, lang)
    files = {"pdf": bulletin_pdf(shown.digest, lang=lang, step=step)}
    step("html")
    files["html"] = bulletin_html(shown.digest, lang=lang)
    step("xlsx")
    sheets = [Sheet(table.title, table.headings, table.rows) for table in made]
    files["xlsx"] = workbook_bytes(sheets, moment=moment.astimezone(UTC))
    step("gpkg")
    files["gpkg"] = geopackage(drawn, moment=moment)
    named = {file_name(jurisdiction.code, month, lang, suffix): body for suffix, body in files.items()}
    edition = editions[shown.digest.heat.edition]
    told = manifests.manifest(shown, edition, made, drawn, named, lang=lang, as_of=None)
    named[manifests.NAME] = manifests.as_bytes(told)
    return Package(jurisdiction.code, month, lang, read_at, told, named)


def _counted(progress: Progress):
    done = 0

    def step(name: str) -> None:
        nonlocal done
        done += 1
        progress(min(done, STEPS), STEPS, name)

    return step
