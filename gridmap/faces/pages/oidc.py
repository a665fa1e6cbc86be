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
from gridmap.faces.pages.rendering import language_of, page
from gridmap.faces.requests import PageRoute
from gridmap.faces.visits import Visit
from gridmap.maps.words import words
from gridmap.people.oidc.journey import LASTS, Journey
from gridmap.people.oidc.model import Answer, Identity
from gridmap.people.oidc.provider import Provider
from gridmap.people.oidc.signing import finish
from gridmap.settings import OIDC_CALLBACK

router = APIRouter(include_in_schema=False, route_class=PageRoute)

HERE = "/sign-in/oidc"
COOKIE = "gridmap_oidc"
WHY = {
    "state": "oidc_why_state",
    "provider": "oidc_why_provider",
    "code": "oidc_why_code",
    "id_token": "oidc_why_id_token",
    "account": "oidc_why_account",
}
LATER = (ProviderUnavailable, Busy, TooMany)


@router.get(HERE)
def leave(
    request: Request, service: ServiceOf, onward: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """To the provider; `next`: the path of ours to go to afterwards."""
    provider, redirect_url = _provider(service), _redirect_url(request, service)
    journey = Journey.begin(same_site(onward))
    try:
        answer = RedirectResponse(provider.sign_in_url(journey, redirect_url), 303)
    except LATER as error:
        return _refused(request, service, error)
    answer.set_cookie(
        COOKIE,
        journey.cookie,
        max_age=int(LASTS.total_seconds()),
        path=HERE,
        secure=redirect_url.startswith("https:"),
        httponly=True,
        samesite="lax",  # the way back begins at the provider's page
    )
    return _unkept(answer)


@router.get(OIDC_CALLBACK)
def come_back(
    request: Request,
    service: ServiceOf,
    state: str = "",
    code: str | None = None,
    error: str | None = None,
    iss: str | None = None,
) -> Response:
    """From the provider, with a code for an ID token; from here on signed in."""
    provider, redirect_url = _provider(service), _redirect_url(request, service)
    address = request.client.host if request.client else ""
    try:
        journey = Journey.read(request.cookies.get(COOKIE))
        brought = Answer(state, code, error, iss)
        done = finish(service.database, provider, journey, brought, redirect_url, address)
    except (NotSignedIn, *LATER) as refusal:
        return _refused(request, service, refusal)
    if isinstance(done, Identity):
        return _unlinked(request, service, done)
    answer = RedirectResponse(same_site(journey.onward), 303)
    answer.set_cookie(
        "gridmap_session",
        done.secret,
        path="/",
        secure=redirect_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    answer.delete_cookie(COOKIE, path=HERE)
    return _unkept(answer)


def same_site(path: str) -> str:
    """The path, where it can only be one of ours; else the first page."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain and len(path) <= 2_000 else "/"


def _provider(service: Visit) -> Provider:
    """Raises HTTPException 404 where none is set up."""
    if service.provider is None:
        raise HTTPException(404)
    return service.provider


def _redirect_url(request: Request, service: Visit) -> str:
    return service.settings.oidc_redirect_url or f"{str(request.base_url).rstrip('/')}{OIDC_CALLBACK}"


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
