"""People for the office: list, search, one with everything about them, add, correct, leave, come back.

Names and telephone numbers travel in bodies only: addresses stand in logs and histories.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.database.asker import Asker
from gridmap.errors import BadInput, NotSignedIn
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, people_bodies, people_wire, wire
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.people_wire import PRIVATE
from gridmap.faces.shapes.values import After, Flag, Limit
from gridmap.people import intake, persons, posts, seats, stewards, store
from gridmap.people.credentials import store as credentials

router = APIRouter(prefix="/api/v1", tags=["people"], route_class=StrictRoute)
LIST = "people"
CHANGES_SHOWN = 200
Code = Annotated[str, Path(description="The person's code.")]
WRITE = wire.refusals(400, 403, 409, 413, 415)


def steward(service: Visit) -> Asker:
    """Who asks, for what they may and for the record. The table of rights lets only the office come here."""
    if service.asker is None:
        raise NotSignedIn("sign in first")
    return service.asker


@router.get("/people", summary="People", response_model=people_wire.PersonList, responses=wire.refusals())
def people(
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    code: Annotated[str | None, Query(description="Part of the code.", examples=["WGZ"])] = None,
    post: Annotated[str | None, Query(description="Who holds it today.", examples=["grid_chief"])] = None,
    area_kind: Annotated[str | None, Query(description="With area_code.", examples=["community"])] = None,
    area_code: Annotated[str | None, Query(description="Of an area: there and below.")] = None,
    gone: Annotated[Flag, Query(description="Also who has left.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """People by code with today's duties and their accounts. By name: POST people/search."""
    wanted = people_bodies.SearchIn.model_construct(
        post=post, area_kind=area_kind, area_code=area_code, gone=bool(gone), limit=limit, after=after
    )
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        return _found(connection, owner, service, wanted, code)


@router.post(
    "/people/search", summary="Search people", response_model=people_wire.PersonList, responses=WRITE
)
def search(
    body: people_bodies.SearchIn, service: ServiceOf, jurisdiction: JurisdictionCode = None
) -> Response:
    """The same by what stands in a name, telephone number or code. Nothing is written."""
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        return _found(connection, owner, service, body)


def _found(
    connection: Connection,
    owner: Jurisdiction,
    service: Visit,
    wanted: people_bodies.SearchIn,
    code: str | None = None,
) -> Response:
    start, day, asker = position(LIST, wanted.after, str), owner.today(), steward(service)
    atlas = current_atlas(connection, owner.code)
    if (wanted.area_kind is None) != (wanted.area_code is None):
        raise BadInput("goes together with area_code", field="area_kind")
    below = None
    if wanted.area_kind is not None and wanted.area_code is not None:
        below = seats.inside(atlas, day, wanted.area_kind, wanted.area_code)
    rows = store.find_persons(
        connection,
        owner.code,
        day=day,
        code=code,
        text=wanted.text.strip() or None,
        post=posts.find(store.posts(connection), wanted.post).code if wanted.post else None,
        areas=below,
        gone=wanted.gone,
        limit=wanted.limit + 1,
        after=start[0] if start else None,
    )
    shown, following = answers.page(rows, wanted.limit, lambda each: cursor(LIST, each.code))
    codes = [each.code for each in shown]
    duties = store.duties(connection, owner.code, day=day, people=codes)
    accounts = credentials.accounts(connection, owner.code, people=codes)
    items = [
        people_wire.person(
            each,
            [duty for duty in duties if duty.person == each.code],
            [account for account in accounts if account.person == each.code],
            atlas,
            owner.zone,
            asker,
        )
        for each in shown
    ]
    return answers.data(answers.listed(items, following), headers=PRIVATE)


@router.post(
    "/people",
    summary="Add a person",
    status_code=201,
    response_model=people_wire.WholePerson,
    responses=WRITE,
)
def add(body: people_bodies.PersonIn, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """A new person, with a first duty or without: both are stored, or nothing is."""
    asker = steward(service)
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        made = persons.add(connection, owner, body.name, asker.name, code=body.code, phone=body.phone)
        if body.duty is not None:
            duty = body.duty
            intake.begin_at(connection, owner, duty.areas, asker.name, person=made.code, **duty.words)
        whole = _whole(connection, owner, asker, made.code)
    return answers.data(whole, 201, PRIVATE | {"Location": f"/api/v1/people/{made.code}"})


@router.get(
    "/people/{code}", summary="One person", response_model=people_wire.WholePerson, responses=wire.refusals()
)
def person(code: Code, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """A person with all duties, past and to come, their accounts, and who changed what."""
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        return answers.data(_whole(connection, owner, steward(service), code), headers=PRIVATE)


def _whole(connection: Connection, owner: Jurisdiction, asker: Asker, code: str) -> dict[str, object]:
    told = people_wire.person(
        store.person(connection, owner.code, code),
        store.duties(connection, owner.code, person=code),
        credentials.accounts(connection, owner.code, people=[code]),
        current_atlas(connection, owner.code),
        owner.zone,
        asker,
    )
    changes = store.changes_of(connection, owner.code, code, limit=CHANGES_SHOWN)
    return told | {"changes": [people_wire.change(each, owner.zone) for each in changes]}


@router.patch(
    "/people/{code}", summary="Correct a person", response_model=people_wire.WholePerson, responses=WRITE
)
def correct(
    code: Code,
    body: people_bodies.CorrectionIn,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
) -> Response:
    """Another name and telephone number."""
    asker = steward(service)
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        persons.correct(connection, owner, code, asker.name, name=body.name, phone=body.phone)
        whole = _whole(connection, owner, asker, code)
    return answers.data(whole, headers=PRIVATE)


@router.post(
    "/people/{code}/leave", summary="Somebody leaves", response_model=people_wire.Leaving, responses=WRITE
)
def leave(
    code: Code, body: people_bodies.OnDay, service: ServiceOf, jurisdiction: JurisdictionCode = None
) -> Response:
    """From the day on without them: their duties and accounts end then, in one transaction or not at all.

    403 where it would close the asker's own account or, asked by the office, an administrator's.
    """
    asker = steward(service)
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        left = persons.leave(
            connection, owner, code, body.day, asker.name, check=stewards.closing(connection, asker)
        )
        whole = _whole(connection, owner, asker, code)
    told = {"person": whole, "duties": left.duties, "accounts": left.accounts}
    return answers.data(told, headers=PRIVATE)


@router.post(
    "/people/{code}/return",
    summary="Somebody comes back",
    response_model=people_wire.WholePerson,
    responses=WRITE,
)
def come_back(code: Code, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """They do not leave after all, or are there again. Duties are given anew."""
    asker = steward(service)
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        persons.come_back(connection, owner, code, asker.name)
        whole = _whole(connection, owner, asker, code)
    return answers.data(whole, headers=PRIVATE)
