"""GET locate: from a coordinate to its grid, answered from memory."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridmap.faces import answers, wire
from gridmap.faces.deps import JurisdictionCode, ServiceOf
from gridmap.faces.requests import StrictRoute
from gridmap.faces.values import Day, QueryDatum, QueryLat, QueryLon, QueryMetres, a_day

router = APIRouter(prefix="/api/v1", tags=["locate"], route_class=StrictRoute)


@router.get(
    "/locate",
    summary="From a coordinate to its grid",
    response_model=wire.Placement,
    responses=wire.refusals(),
)
async def locate(
    service: ServiceOf,
    lon: QueryLon,
    lat: QueryLat,
    datum: QueryDatum,
    accuracy: Annotated[
        QueryMetres,
        Query(description="Radius in metres that holds the true position with 95 %.", examples=[12]),
    ] = None,
    jurisdiction: JurisdictionCode = None,
    day: Day = None,
) -> Response:
    """The grid, compound, community and building that hold a point on a day.

    `method` says how the grid was found: `covers`, `nearest` (outside every grid but within the tolerance)
    or `outside`. With an `accuracy`, `candidates` are the grids with their probabilities.
    """
    # async and without the database on purpose: this is the route that everything else calls
    held = service.atlases.choose(jurisdiction)
    located = held.atlas.locate(lon, lat, a_day(day) or held.jurisdiction.today(), accuracy, datum=datum)
    return answers.data(answers.placement(located))
