"""`/sign-in`, `/sign-out`: the form, a click into the demonstration, and the session's cookie."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Form, Query, Request, Response
from starlette.responses import RedirectResponse

from gridmap.cases.demonstrating import demonstrate
from gridmap.cases.inspections import demonstrating as inspections
from gridmap.database.sessions import Database
from gridmap.errors import GridmapError, NotSignedIn, TooMany
from gridmap.faces.deps import Language, ServiceOf
from gridmap.faces.entrance.gate import session_of
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.entrance.who import COOKIE, SIGN_IN, SIGN_OUT
from gridmap.faces.pages.maps import remembering
from gridmap.faces.pages.rendering import page
from gridmap.faces.pages.trials import bare_demonstrations, trials_of
from gridmap.faces.problems import problem_of
from gridmap.faces.requests import PageRoute
from gridmap.maps.page import Link
from gridmap.maps.words import words
from gridmap.people import sessions, signing
from gridmap.people.signing import SignedIn

router = APIRouter(include_in_schema=False, route_class=PageRoute)
forms = APIRouter(include_in_schema=False)  # what they send is no JSON

HOME = "/"
NEXT_MOST = 2_000
SIGN_IN_BY_OIDC = f"{SIGN_IN}/oidc"
# argon2 takes 64 MiB and as many threads as it has lanes: whoever guesses waits for whoever guesses
PASSWORDS = CapacityLimiter(2)
_NO_ADDRESS = re.compile(r"[\\\x00-\x20\x7f]")

Sent = Annotated[str, Form()]


@router.get(SIGN_IN)
def sign_in_page(
    request: Request, service: ServiceOf, lang: Language, next: Annotated[str | None, Query()] = None
) -> Response:
    """The form; after it, where one was going."""
    return remembering(request, _page(request, service, lang, next or ""))


@forms.post(SIGN_IN)
async def sign_in(
    request: Request,
    service: ServiceOf,
    lang: Language,
    login: Sent = "",
    password: Sent = "",
    next: Sent = "",
) -> Response:
    """303 with the session's cookie, or the form again: 401 for whatever is wrong, 429 for too often."""
    address = request.client.host if request.client else ""
    check = partial(signing.sign_in, unasked(service), login, password, address)
    try:
        signed = await to_thread.run_sync(check, limiter=PASSWORDS)
    except (NotSignedIn, TooMany) as refusal:
        return await to_thread.run_sync(partial(_page, request, service, lang, next, login, refusal))
    return await to_thread.run_sync(partial(let_in, request, service, signed, next))


@forms.post(f"{SIGN_IN}/demonstration")
def try_out(
    request: Request, service: ServiceOf, lang: Language, login: Sent = "", next: Sent = ""
) -> Response:
    """Sign in to an account of the demonstration, without a password."""
    for jurisdiction in service.service.atlases.jurisdictions():
        try:
            signed = signing.sign_in_to_demonstration(unasked(service), jurisdiction, login)
        except NotSignedIn:
            continue
        return let_in(request, service, signed, next)
    return _page(request, service, lang, next, refusal=NotSignedIn(signing.WRONG))


@forms.post(f"{SIGN_IN}/demonstration/cases")
def fill(service: ServiceOf, next: Sent = "") -> Response:
    """Reports, cases and inspections of the last days for a demonstration without any; then the form anew."""
    own = service.service.own
    for jurisdiction in bare_demonstrations(own, service.service.atlases.jurisdictions()):
        demonstrate(own, jurisdiction)
        with own.writing() as connection:
            inspections.demonstrate(connection, jurisdiction)
    return RedirectResponse(_leading_to(SIGN_IN, own_address(next)), 303)


@forms.post(SIGN_OUT)
def sign_out(request: Request, service: ServiceOf) -> Response:
    """End the session of the cookie."""
    _end(service, session_of(request.scope))
    answer = RedirectResponse(SIGN_IN, 303)
    answer.delete_cookie(COOKIE, secure=is_secure(request), httponly=True, samesite="lax")
    return answer


def let_in(request: Request, service: Visit, signed: SignedIn, next: str) -> Response:
    """303 to where one was going, with the cookie of a session; one that the browser had before ends."""
    _end(service, session_of(request.scope))
    answer = RedirectResponse(own_address(next), 303)
    answer.set_cookie(
        COOKIE,
        signed.secret,
        max_age=int(sessions.LONGEST.total_seconds()),
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return answer


def own_address(text: str) -> str:
    """Where to go after signing in: a path of this site and nothing else, HOME instead of whatever is none.

    >>> own_address("/maps/heat?month=2023-06"), own_address("//elsewhere.example/"), own_address("/\\\\x")
    ('/maps/heat?month=2023-06', '/', '/')
    """
    ours = text.startswith("/") and not text.startswith("//") and not _NO_ADDRESS.search(text)
    sends_round = text.startswith((SIGN_IN, SIGN_OUT))
    return text if ours and not sends_round and len(text) <= NEXT_MOST else HOME


def unasked(service: Visit) -> Database:
    """The database, before anybody is known who asks."""
    return service.service.database


def ways_of(service: Visit, next: str, lang: str) -> list[Link]:
    """Further ways to sign in, beside login and password: by an OpenID provider, where one is set up."""
    if service.provider is None:
        return []
    label = words(lang)["sign_in_by"].format(name=service.settings.oidc_name)
    return [Link(label, _leading_to(SIGN_IN_BY_OIDC, next))]


def _leading_to(address: str, next: str, **asked: str) -> str:
    """An address that remembers where one was going; to HOME one goes anyhow."""
    if next != HOME:
        asked["next"] = next
    return f"{address}?{urlencode(asked)}" if asked else address


def _end(service: Visit, secret: str) -> None:
    if secret:
        with unasked(service).writing() as connection:
            sessions.end(connection, secret)


def _page(
    request: Request,
    service: Visit,
    lang: str,
    next: str,
    login: str = "",
    refusal: GridmapError | None = None,
) -> Response:
    known = service.service.atlases.jurisdictions()
    with unasked(service).reading() as connection:
        trials = [trial for each in known for trial in trials_of(connection, each, lang)]
    problem = None if refusal is None else problem_of(refusal)
    back = own_address(next)
    return page(
        request.scope,
        "sign_in.html",
        problem.status if problem else 200,
        problem.headers if problem else None,
        words=words(lang),
        next="" if back == HOME else back,
        login=login,
        wrong=isinstance(refusal, NotSignedIn),
        too_many=isinstance(refusal, TooMany),
        trials=trials,
        bare=bool(trials and bare_demonstrations(service.service.own, known)),
        ways=ways_of(service, back, lang),
        language=Link(words(lang)["other_language"], _other_language(lang, back)),
    )


def _other_language(lang: str, next: str) -> str:
    return _leading_to(SIGN_IN, next, lang="en" if lang == "zh" else "zh")


def is_secure(request: Request) -> bool:
    """Whether the browser's way here is encrypted: the cookie must then never go another one."""
    return request.url.scheme == "https"
