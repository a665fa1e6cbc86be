"""All routers of the pages."""

from __future__ import annotations

from gridmap.faces.pages import bulletins, files, maps, oidc, rhythm, sign_in

ROUTERS = (
    *(maps.router, rhythm.router, bulletins.router, files.router),
    *(sign_in.router, sign_in.forms, oidc.router),
)
