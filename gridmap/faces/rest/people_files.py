"""People, duties and parties as tables: downloaded, and uploaded, first to see what would become of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection

from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.database.asker import Asker
from gridmap.errors import BadFile, RowsRefused
from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf, chosen
from gridmap.faces.requests import StrictRoute
from gridmap.faces.rest.people import steward
from gridmap.faces.shapes import answers, people_wire, wire
from gridmap.faces.shapes.people_wire import PRIVATE
from gridmap.faces.shapes.values import Flag
from gridmap.people import exporting, loading, stewards, store
from gridmap.people.loading import Loaded

router = APIRouter(prefix="/api/v1", tags=["people"], route_class=StrictRoute)

TABLES = {
    "people": ("人员名单", "People"),
    "duties": ("职责名单", "Duties"),
    "parties": ("责任单位", "Parties"),
}
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
READ = ("xlsx", "xls", "ods", "csv", "tsv", "txt")
ANY_FILE = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}

Table = Annotated[Literal["people", "duties", "parties"], Query(description="Which of them.")]


async def _body(request: Request) -> bytes:
    return await request.body()


@router.get(
    "/exports/people",
    summary="People, duties or parties as a table",
    response_class=Response,
    responses={
        200: {"description": "the file", "content": {name: {} for name in MEDIA.values()}},
        **wire.refusals(),
    },
)
def export(
    service: ServiceOf,
    lang: Language,
    table: Table,
    jurisdiction: JurisdictionCode = None,
    format: Annotated[Literal["xlsx", "csv"], Query(description="Of the file.")] = "xlsx",
    past: Annotated[Flag, Query(description="Of duties also those past and to come.")] = None,
) -> Response:
    """A table for a spreadsheet, headed in the language asked for; it can be uploaded again as it is."""
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        fields, rows = _rows(connection, owner, table, bool(past))
        moment = store.last_change(connection, owner.code)
    headings, told = exporting.in_language(fields, rows, lang)
    body = exporting.content(headings, told, format=format, title=table, moment=moment)
    title = TABLES[table][0 if lang == "zh" else 1]
    answer = answers.download(body, MEDIA[format], f"{table}.{format}", f"{owner.name} {title}.{format}")
    answer.headers.update(PRIVATE)
    return answer


def _rows(
    connection: Connection, owner: Jurisdiction, table: str, past: bool
) -> tuple[tuple[str, ...], list[list[Any]]]:
    if table == "people":
        return exporting.PERSON, exporting.people_rows(store.persons(connection, owner.code))
    if table == "parties":
        return exporting.PARTY, exporting.party_rows(store.parties(connection, owner.code))
    found = store.duties(connection, owner.code, day=None if past else owner.today())
    known, atlas = store.posts(connection), current_atlas(connection, owner.code)
    return exporting.DUTY, exporting.duty_rows(found, known, atlas)


@router.post(
    "/imports/people",
    summary="Upload people, duties or parties",
    response_model=people_wire.Imported,
    responses=wire.refusals(400, 403, 409, 413, 415),
    openapi_extra=ANY_FILE,
)
def upload(
    service: ServiceOf,
    body: Annotated[bytes, Depends(_body)],
    table: Table,
    format: Annotated[Literal[READ], Query(description="What the file is.")],  # type: ignore[valid-type]
    jurisdiction: JurisdictionCode = None,
    dry_run: Annotated[Flag, Query(description="true, as by default: only say what would be.")] = True,
    replace: Annotated[
        Flag,
        Query(
            description="The file is all there is: of people, who is not in it leaves today; of duties, those"
            " of its posts that are not in it end today."
        ),
    ] = None,
) -> Response:
    """Bring what is stored to what the table says, all or nothing; the same table again changes nothing.

    A dry run counts what would be added, changed and ended, and names each row that cannot be used.
    """
    asker, dry = steward(service), dry_run is not False
    if not body:
        raise BadFile("the file is empty", field="file")
    with (
        tempfile.TemporaryDirectory() as folder,
        service.database.writing() as connection,
    ):
        path = Path(folder, f"{table}.{format}")  # the name that it had may be anybody's
        path.write_bytes(body)
        owner = chosen(connection, service, jurisdiction)
        load = _load(connection, owner, asker, path, table, replace=bool(replace))
        refused: tuple[tuple[int, str | None, str], ...] = ()
        try:
            done = loading.tried(connection, load) if dry else load()
        except RowsRefused as error:
            if not dry:
                raise
            done, refused = Loaded(path.name, 0, 0, 0), error.rows
    counts = {name: getattr(done, name) for name in ("added", "changed", "unchanged", "ended")}
    told = [{"row": row, "field": field, "message": message} for row, field, message in refused]
    return answers.data({"table": table, "dry_run": dry, **counts, "refused": told}, headers=PRIVATE)


def _load(
    connection: Connection, owner: Jurisdiction, asker: Asker, path: Path, table: str, *, replace: bool
) -> Callable[[], Loaded]:
    by = asker.name
    if table == "parties":
        return lambda: loading.import_parties(connection, owner, path, by=by)
    if table == "duties":
        return lambda: loading.import_duties(connection, owner, path, by=by, replace_all=replace)
    check = stewards.closing(connection, asker)
    return lambda: loading.import_people(connection, owner, path, by=by, replace_all=replace, check=check)
