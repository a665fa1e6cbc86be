"""GET exports/heatmap: a month's heat map as a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridmap.faces.deps import JurisdictionCode, Language, ServiceOf, chosen
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.values import AsOf, EditionId, Include, known_at
from gridmap.maps.exports import FORMATS, check_format, heat_file
from gridmap.maps.facts import title
from gridmap.statistics.daily import daily
from gridmap.statistics.doubts import doubts_of
from gridmap.statistics.heat import month_heat
from gridmap.statistics.months import parse_month

router = APIRouter(prefix="/api/v1/exports", tags=["exports"], route_class=StrictRoute)


@router.get(
    "/heatmap",
    summary="A month's heat map as a file",
    response_class=Response,
    responses={
        200: {"description": "the file", "content": {name: {} for name in FORMATS.values()}},
        **wire.refusals(),
    },
)
def heatmap(
    service: ServiceOf,
    lang: Language,
    month: Annotated[str, Query(description="YYYY-MM", examples=["2023-06"])],
    jurisdiction: JurisdictionCode = None,
    category: Annotated[str | None, Query(examples=["matter-06011"])] = None,
    format: Annotated[
        str,
        Query(
            description="html is one self-contained page; png and pdf are A4; xlsx, csv, gpkg and geojson"
            " carry the numbers per grid.",
            json_schema_extra={"enum": list(FORMATS)},
        ),
    ] = "html",
    include: Include = None,
    as_of: AsOf = None,
    edition: EditionId = None,
) -> Response:
    """The month as the pages show it, to keep, print or calculate with."""
    check_format(format)
    first_day, asked = parse_month(month), doubts_of(include)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
    moment = known_at(as_of, owner.zone)
    heat = month_heat(
        service.database, owner, first_day, category, include=asked, as_of=moment, edition=edition
    )
    wanted = format == "html" and heat.plain and not heat.private
    days = daily(service.database, owner, first_day, category) if wanted else None
    made = heat_file(heat, format, lang, days)
    return answers.download(
        made.body, made.media_type, made.name, f"{owner.name} {title(heat, lang)}.{format}"
    )
