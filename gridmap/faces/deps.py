"""What routes ask for: the service, a jurisdiction, a language.

There is no dependency that opens a transaction, on purpose. A dependency runs in a pool thread and gives that
thread back before its route gets one; with every thread waiting for a connection and every connection
waiting for a thread, forty requests stop each other. Routes say `with service.database.reading()`
themselves, in the one thread they have, and a `writing()` commits before the answer is made.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy import Connection

from gridmap.areas import store
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput
from gridmap.faces.entrance.rights import check
from gridmap.faces.entrance.visits import Visit, own
from gridmap.maps.words import LANGUAGES

LANGUAGE_COOKIE = "lang"


async def _service(request: Request) -> Visit:
    visit = Visit.of(request.app.state.service, request.scope)
    check(visit.asker, request.method, request.scope["route"].path)
    return visit


async def _language(
    request: Request, lang: Annotated[str | None, Query(description="zh or en")] = None
) -> str:
    if lang is not None:
        if lang not in LANGUAGES:
            raise BadInput(f"there is {' and '.join(LANGUAGES)}", field="lang")
        return lang
    kept = request.cookies.get(LANGUAGE_COOKIE)
    return kept if kept in LANGUAGES else LANGUAGES[0]


ServiceOf = Annotated[Visit, Depends(_service)]
Language = Annotated[str, Depends(_language)]
JurisdictionCode = Annotated[
    str | None,
    Query(
        alias="jurisdiction",
        description="Code of the jurisdiction; may be left out: it is that of whoever asks.",
        examples=["610602006"],
    ),
]


def chosen(connection: Connection, service: Visit, code: str | None) -> Jurisdiction:
    """The jurisdiction that a request means: that of whoever asks, every other is as if it were not there.

    Raises as `areas.store.jurisdiction`.
    """
    return store.choose_jurisdiction(own(store.jurisdictions(connection), service.asker), code)
