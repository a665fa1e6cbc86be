"""Posts, seats and what is vacant; a duty begun, moved, ended. Duties of a day are listed by rest.cases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from gridmap.areas.atlas import Atlas, current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.requests import StrictRoute
from gridmap.faces.rest.people import WRITE, steward
from gridmap.faces.shapes import answers, people_bodies, people_wire, wire
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.people_wire import PRIVATE
from gridmap.faces.shapes.values import After, Day, Flag, Limit, a_day, an_id
from gridmap.people import intake, posts, roster, seats, store
from gridmap.people.model import Duty
from gridmap.people.seats import CHIEFS, Seat

router = APIRouter(prefix="/api/v1", tags=["people"], route_class=StrictRoute)
LIST = "seats"
DutyId = Annotated[str, Path(description="Its id.")]
Posts = Annotated[
    str | None,
    Query(description=f"Posts, with commas; default {','.join(CHIEFS)}.", examples=["grid_chief"]),
]


@router.get("/posts", summary="Posts", response_model=people_wire.PostList, responses=wire.refusals())
def vocabulary(service: ServiceOf) -> Response:
    """What a person can be, for which kinds of area, and for which kinds of party."""
    with service.database.reading() as connection:
        known = store.posts(connection)
    return answers.data(answers.listed(people_wire.post(each) for each in known.values()))


@router.get("/parties", summary="Parties", response_model=people_wire.PartyList, responses=wire.refusals())
def parties(service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """The responsible units of today, by kind and code."""
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        found = store.parties(connection, owner.code, day=owner.today())
    return answers.data(answers.listed(people_wire.party(each) for each in found))


@router.get(
    "/seats", summary="Seats, held or vacant", response_model=people_wire.SeatList, responses=wire.refusals()
)
def all_seats(
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    post: Posts = None,
    community: Annotated[str | None, Query(description="Code of a community.")] = None,
    grid: Annotated[str | None, Query(description="Code of a grid.")] = None,
    area: Annotated[str | None, Query(description="In the name or code of the area.")] = None,
    vacant: Annotated[Flag, Query(description="true: only those that nobody holds.")] = None,
    day: Day = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Posts at their areas and units on a day, with who holds them: by community, grid and post."""
    start = position(LIST, after, str, str, int, str, str)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        atlas, found = _seats(connection, owner, post, day)
    rows = [
        seat
        for seat in found
        if seat.within(community, grid)
        and (vacant is None or seat.vacant is vacant)
        and (not area or area in seat.level.name or area in seat.level.code)
        and (start is None or seat.position > start)
    ]
    shown, following = answers.page(rows[: limit + 1], limit, lambda seat: cursor(LIST, *seat.position))
    items = [people_wire.seat(each, atlas) for each in shown]
    return answers.data(answers.listed(items, following), headers=PRIVATE)


@router.get(
    "/seats/tally",
    summary="How many seats are vacant",
    response_model=people_wire.TallyList,
    responses=wire.refusals(),
)
def tally(
    service: ServiceOf, jurisdiction: JurisdictionCode = None, post: Posts = None, day: Day = None
) -> Response:
    """Counts by community, grid and post."""
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        _, found = _seats(connection, owner, post, day)
    return answers.data(answers.listed(people_wire.tally(each) for each in seats.tally(found)))


def _seats(
    connection: Connection, owner: Jurisdiction, named: str | None, day: str | None
) -> tuple[Atlas, list[Seat]]:
    on = a_day(day) or owner.today()
    known = roster.read(connection, owner.code)
    wanted = [posts.find(known.posts, word) for word in (named.split(",") if named else CHIEFS)]
    atlas = current_atlas(connection, owner.code)
    found = seats.seats(atlas, on, wanted, lambda kind, code: known.holders(kind, code, on))
    return atlas, found


@router.post(
    "/duties", summary="Begin a duty", status_code=201, response_model=people_wire.HeldDuties, responses=WRITE
)
def begin(
    body: people_bodies.NewDutyIn, service: ServiceOf, jurisdiction: JurisdictionCode = None
) -> Response:
    """Give somebody a post for an area, or for several at once. 409 where they hold it then already."""
    asker = steward(service)
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        made = intake.begin_at(connection, owner, body.areas, asker.name, **body.words)
        told = [_told(connection, owner, store.duty_of(connection, owner.code, id_)) for id_ in made]
    return answers.data(answers.listed(told), 201, PRIVATE)


@router.post(
    "/duties/{id}/move",
    summary="Move a duty",
    status_code=201,
    response_model=people_wire.HeldDuty,
    responses=WRITE,
)
def move(
    id: DutyId, body: people_bodies.MoveDutyIn, service: ServiceOf, jurisdiction: JurisdictionCode = None
) -> Response:
    """End it on the day and begin it then elsewhere, or with somebody else; answered with the new one."""
    asker, old = steward(service), an_id(id, "duty")
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        made = intake.move(
            connection,
            owner,
            old,
            body.day,
            asker.name,
            area_code=body.area_code,
            area_kind=body.area_kind,
            person=body.person,
        )
        told = _told(connection, owner, store.duty_of(connection, owner.code, made))
    return answers.data(told, 201, PRIVATE)


@router.post("/duties/{id}/end", summary="End a duty", status_code=204, responses=WRITE)
def end(
    id: DutyId, body: people_bodies.OnDay, service: ServiceOf, jurisdiction: JurisdictionCode = None
) -> Response:
    """The day is the first without it. One that would end before it began was a mistake: it never was."""
    asker, old = steward(service), an_id(id, "duty")
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        intake.end(connection, owner, old, body.day, asker.name)
    return Response(status_code=204)


def _told(connection: Connection, owner: Jurisdiction, duty: Duty) -> dict[str, object]:
    return people_wire.held_duty(duty, current_atlas(connection, owner.code))
