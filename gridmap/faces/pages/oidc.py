"""`/sign-in/oidc` sends a browser to the OpenID provider, `/sign-in/oidc/callback` takes what it brings back.

Whatever goes wrong is a page that says so; what the provider sent is neither shown nor logged, but for the
number by which it knows somebody whom no account is linked to yet: that is theirs, and the office needs it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from gridmap.errors import Busy, GridmapError, NotSignedIn, ProviderUnavailable, TooMany
from gridmap.faces.deps import ServiceOf
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.pages.rendering import language_of, page
from gridmap.faces.pages.sign_in import SIGN_IN_BY_OIDC, is_secure, let_in, own_address, unasked
from gridmap.faces.requests import PageRoute
from gridmap.maps.words import words
from gridmap.people.oidc.journey import LASTS, Journey
from gridmap.people.oidc.model import Answer, Identity
from gridmap.people.oidc.provider import Provider
from gridmap.people.oidc.signing import finish

router = APIRouter(include_in_schema=False, route_class=PageRoute)

CALLBACK = f"{SIGN_IN_BY_OIDC}/callback"
COOKIE = "gridmap_oidc"
WHY = {
    "state": "oidc_why_state",
    "provider": "oidc_why_provider",
    "code": "oidc_why_code",
    "id_token": "oidc_why_id_token",
    "account": "oidc_why_account",
}
LATER = (ProviderUnavailable, Busy, TooMany)


@router.get(SIGN_IN_BY_OIDC)
def leave(
    request: Request, service: ServiceOf, onward: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """To the provider; `next`: the path of ours to go to afterwards."""
    provider, redirect_url = _provider(service), _redirect_url(request)
    journey = Journey.begin(own_address(onward))
    try:
        answer = RedirectResponse(provider.sign_in_url(journey, redirect_url), 303)
    except LATER as error:
        return _refused(request, service, error)
    answer.set_cookie(
        COOKIE,
        journey.cookie,
        max_age=int(LASTS.total_seconds()),
        path=SIGN_IN_BY_OIDC,
        secure=is_secure(request),
        httponly=True,
        samesite="lax",  # the way back begins at the provider's page
    )
    return _unkept(answer)


@router.get(CALLBACK)
def come_back(
    request: Request,
    service: ServiceOf,
    state: str = "",
    code: str | None = None,
    error: str | None = None,
    iss: str | None = None,
) -> Response:
    """From the provider, with a code for an ID token; from here on signed in."""
    provider, redirect_url = _provider(service), _redirect_url(request)
    address = request.client.host if request.client else ""
    try:
        journey = Journey.read(request.cookies.get(COOKIE))
        brought = Answer(state, code, error, iss)
        done = finish(unasked(service), provider, journey, brought, redirect_url, address)
    except (NotSignedIn, *LATER) as refusal:
        return _refused(request, service, refusal)
    if isinstance(done, Identity):
        return _unlinked(request, service, done)
    answer = let_in(request, service, done, journey.onward)
    answer.delete_cookie(COOKIE, path=SIGN_IN_BY_OIDC)
    return _unkept(answer)


def _provider(service: Visit) -> Provider:
    """Raises HTTPException 404 where none is set up."""
    if service.provider is None:
        raise HTTPException(404)
    return service.provider


def _redirect_url(request: Request) -> str:
    """Of the callback, by the name and scheme that the browser, or a trusted proxy in front, asked by."""
    return f"{str(request.base_url).rstrip('/')}{CALLBACK}"


def _refused(request: Request, service: Visit, error: GridmapError) -> Response:
    text = words(language_of(request.scope))
    why = text[WHY.get(error.field or "", "oidc_why_later")]
    return _page(request, service, error.status, why, detail=error.message)


def _unlinked(request: Request, service: Visit, identity: Identity) -> Response:
    why = words(language_of(request.scope))["oidc_why_unlinked"]
    return _page(request, service, NotSignedIn.status, why, subject=identity.subject)


def _page(
    request: Request, service: Visit, status: int, why: str, *, detail: str = "", subject: str = ""
) -> Response:
    text = words(language_of(request.scope))
    why = why.format(name=service.settings.oidc_name)
    answer = page(request.scope, "oidc.html", status, words=text, why=why, detail=detail, subject=subject)
    return _unkept(answer)


def _unkept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
