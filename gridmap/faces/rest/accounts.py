"""Accounts and tokens for the office. An address names them by id: a login or a name may be personal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from gridmap.errors import BadInput
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.requests import StrictRoute
from gridmap.faces.rest.people import WRITE, steward
from gridmap.faces.shapes import answers, people_bodies, people_wire, wire
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.people_wire import PRIVATE
from gridmap.faces.shapes.values import After, Limit, an_id
from gridmap.people import stewards
from gridmap.people.credentials import store

router = APIRouter(prefix="/api/v1", tags=["accounts"], route_class=StrictRoute)
AccountId = Annotated[str, Path(description="Its id.")]


def _beyond(rows: Sequence[Any], list_name: str, after: str | None) -> Sequence[Any]:
    """The rows after that with the id in a cursor."""
    start = position(list_name, after, UUID)
    if start is None:
        return rows
    for number, row in enumerate(rows):
        if row.id == start[0]:
            return rows[number + 1 :]
    raise BadInput("what it stood after is not there any more; leave it out", field="after")


@router.get(
    "/accounts", summary="Accounts", response_model=people_wire.AccountList, responses=wire.refusals()
)
def accounts(
    service: ServiceOf, jurisdiction: JurisdictionCode = None, limit: Limit = 100, after: After = None
) -> Response:
    """Who can sign in, by login."""
    asker = steward(service)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        rows = _beyond(store.accounts(connection, owner.code), "accounts", after)
    shown, following = answers.page(rows, limit, lambda each: cursor("accounts", each.id))
    items = [people_wire.account(each, owner.zone, asker) for each in shown]
    return answers.data(answers.listed(items, following), headers=PRIVATE)


@router.post(
    "/accounts",
    summary="Open an account",
    status_code=201,
    response_model=people_wire.OpenedAccount,
    responses=WRITE,
)
def open_account(
    body: people_bodies.AccountIn, service: ServiceOf, jurisdiction: JurisdictionCode = None
) -> Response:
    """A new account with a first password, which is in this answer and nowhere else."""
    asker = steward(service)
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        made, password = stewards.open_account(
            connection,
            owner,
            asker,
            login=body.login,
            roles=[body.role],
            person=body.person,
            name=body.name,
        )
    told = {"account": people_wire.account(made, owner.zone, asker), "password": password}
    return answers.data(told, 201, PRIVATE)


@router.post(
    "/accounts/{id}/password",
    summary="Set a new password",
    response_model=people_wire.OpenedAccount,
    responses=WRITE,
)
def renew_password(id: AccountId, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """Another generated password, in this answer and nowhere else; every session of the account ends."""
    asker, wanted = steward(service), an_id(id, "account")
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        account, password = stewards.renew_password(connection, owner, asker, wanted)
    told = {"account": people_wire.account(account, owner.zone, asker), "password": password}
    return answers.data(told, headers=PRIVATE)


@router.post(
    "/accounts/{id}/disable",
    summary="Take an account out of use",
    response_model=people_wire.AccountOut,
    responses=WRITE,
)
def disable(id: AccountId, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """It signs in no more, and its sessions end. 403 for one's own, 409 for the last administrator's."""
    return _disabled(id, service, jurisdiction, disabled=True)


@router.post(
    "/accounts/{id}/enable",
    summary="Take an account into use again",
    response_model=people_wire.AccountOut,
    responses=WRITE,
)
def enable(id: AccountId, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """It may sign in again."""
    return _disabled(id, service, jurisdiction, disabled=False)


def _disabled(id: str, service: Visit, jurisdiction: str | None, *, disabled: bool) -> Response:
    asker, wanted = steward(service), an_id(id, "account")
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        account = stewards.disable(connection, owner, asker, wanted, disabled=disabled)
    return answers.data(people_wire.account(account, owner.zone, asker), headers=PRIVATE)


@router.get("/tokens", summary="Tokens", response_model=people_wire.TokenList, responses=wire.refusals())
def tokens(
    service: ServiceOf, jurisdiction: JurisdictionCode = None, limit: Limit = 100, after: After = None
) -> Response:
    """Credentials of machines, the revoked ones last. No secret is among this."""
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        rows = _beyond(store.tokens(connection, owner.code), "tokens", after)
    shown, following = answers.page(rows, limit, lambda each: cursor("tokens", each.id))
    items = [people_wire.token(each, owner.zone) for each in shown]
    return answers.data(answers.listed(items, following), headers=PRIVATE)


@router.post(
    "/tokens",
    summary="Make a token",
    status_code=201,
    response_model=people_wire.OpenedToken,
    responses=WRITE,
)
def open_token(
    body: people_bodies.TokenIn, service: ServiceOf, jurisdiction: JurisdictionCode = None
) -> Response:
    """A new token for a machine; its text is in this answer and nowhere else."""
    asker = steward(service)
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        secret = stewards.open_token(connection, owner, asker, body.name, body.role, body.person)
    return answers.data({"name": body.name.strip(), "token": secret}, 201, PRIVATE)


@router.post("/tokens/{id}/revoke", summary="Revoke a token", status_code=204, responses=WRITE)
def revoke(id: AccountId, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """Take a token out of use for good."""
    asker, wanted = steward(service), an_id(id, "token")
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        stewards.revoke_token(connection, owner, asker, wanted)
    return Response(status_code=204)
