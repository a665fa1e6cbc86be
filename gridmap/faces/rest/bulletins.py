"""exports/bulletin: the published bulletin of a month, and asking for one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from gridmap.archives import pack
from gridmap.bulletin.archive import store
from gridmap.bulletin.archive.model import Bulletin
from gridmap.bulletin.packing.model import MEDIA_TYPES, file_name, suffix_of
from gridmap.errors import BadInput, NotFound
from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf, chosen
from gridmap.faces.requests import StrictRoute
from gridmap.faces.rest.jobs import accepted
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.values import whole_text
from gridmap.jobs import bulletins
from gridmap.statistics.months import parse_month

router = APIRouter(prefix="/api/v1/exports", tags=["exports"], route_class=StrictRoute)

ZIP = "application/zip"
MonthAsked = Annotated[str, Query(description="YYYY-MM", examples=["2023-06"])]


@router.get(
    "/bulletin",
    summary="A month's bulletin as it was published",
    response_class=Response,
    responses={
        200: {"description": "the bulletin", "content": {name: {} for name in (ZIP, *MEDIA_TYPES.values())}},
        202: {"model": wire.Job, "description": "none is published yet: the job that makes it"},
        **wire.refusals(),
    },
)
def bulletin(
    request: Request,
    service: ServiceOf,
    lang: Language,
    month: MonthAsked,
    jurisdiction: JurisdictionCode = None,
    number: Annotated[
        str | None, Query(description="Which of the month's; default the last.", examples=["1"])
    ] = None,
    file: Annotated[
        str | None,
        Query(description="One file, by its name or by pdf, html, xlsx, gpkg or json (the manifest);"
              " default all as a ZIP.", examples=["pdf"]),
    ] = None,
) -> Response:  # fmt: skip
    """The bulletin as a ZIP, or one file of it, byte for byte as it was published. Where none is yet, it is
    asked for: 202 with the job, whose `result` leads here."""
    first_day, which = parse_month(month), _number(number)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        found = store.find(connection, owner.code, first_day, lang, which)
        if found is not None:
            if file is not None:
                name = _named(found, file)
                body = store.file(connection, found, name)
                assert body is not None
                return answers.download(body, MEDIA_TYPES[suffix_of(name)], name, name)
            packed = pack(store.files(connection, found))
            name = file_name(owner.code, first_day, lang, "zip")
            return answers.download(packed, ZIP, name, name)
    if which is not None:
        raise NotFound(f"there is no number {which} of {month}", field="number")
    return _asked(service, jurisdiction, month, lang)


@router.post(
    "/bulletin",
    summary="Have a month's bulletin made and published",
    status_code=202,
    response_model=wire.Job,
    responses=wire.refusals(400, 409, 413, 415),
)
def publish(
    service: ServiceOf, lang: Language, month: MonthAsked, jurisdiction: JurisdictionCode = None
) -> Response:
    """Ask for it: 202 with the job. Of data that have changed since it was published last it becomes the
    month's next number; of the same data nothing is added and the job leads to the last."""
    return _asked(service, jurisdiction, month, lang)


def _asked(service: ServiceOf, jurisdiction: str | None, month: str, lang: str) -> Response:
    assert service.asker is not None
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        job = bulletins.ask(connection, owner, parse_month(month), lang, service.asker.name)
        return accepted(connection, job)


def _named(found: Bulletin, file: str) -> str:
    """The file that is meant. Raises NotFound(field="file")."""
    names = [each["name"] for each in found.manifest["files"]] + ["manifest.json"]
    for name in names:
        if file in (name, suffix_of(name)):
            return name
    raise NotFound(f"there are {', '.join(names)}", field="file")


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return whole_text(text)
    except ValueError:
        raise BadInput("must be a whole number such as 1", field="number") from None
