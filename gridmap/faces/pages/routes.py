"""All routers of the pages."""

from __future__ import annotations

from gridmap.faces.pages import (
    bulletins,
    case,
    desk,
    files,
    inspections,
    maps,
    my,
    oidc,
    people,
    rhythm,
    sign_in,
)

ROUTERS = (
    *(
        maps.router,
        rhythm.router,
        bulletins.router,
        my.router,
        desk.router,
        case.router,
        inspections.router,
        people.router,
    ),
    *(files.router, sign_in.router, sign_in.forms, oidc.router),
)
