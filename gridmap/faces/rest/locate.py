"""GET locate: from a coordinate to its grid and to who answers for it, from memory."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridmap.faces.deps import JurisdictionCode, ServiceOf
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.values import Day, QueryDatum, QueryLat, QueryLon, QueryMetres, QueryWhole, a_day
from gridmap.people.sight import shows_people

router = APIRouter(prefix="/api/v1", tags=["locate"], route_class=StrictRoute)


@router.get(
    "/locate",
    summary="From a coordinate to its grid and to who answers",
    response_model=wire.Located,
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
    unit: Annotated[
        QueryWhole, Query(ge=1, description="Number of the unit inside the building.", examples=[2])
    ] = None,
) -> Response:
    """The grid, compound, community and building that hold a point on a day, and who answers for it.

    `method` says how the grid was found: `covers`, `nearest` (outside every grid but within the tolerance)
    or `outside`. With an `accuracy`, `candidates` are the grids with their probabilities.
    `who.chain` goes from the nearest post up; `who.answers` is the nearest that is not vacant.
    """
    # async and without the database on purpose: this is the route that everything else calls
    held = service.atlases.choose(jurisdiction)
    on = a_day(day) or held.jurisdiction.today()
    located = held.atlas.locate(lon, lat, on, accuracy, datum=datum)
    shown = shows_people(service.asker, held.jurisdiction.code)
    who = service.rosters.who(held, located, on, unit, people=shown)
    return answers.data(answers.placement(located) | {"who": who})
