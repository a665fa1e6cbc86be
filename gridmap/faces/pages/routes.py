"""All routers of the pages."""

from __future__ import annotations

from gridmap.faces.pages import bulletins, files, maps, my, rhythm, sign_in

ROUTERS = (
    *(maps.router, rhythm.router, bulletins.router, my.router),
    *(files.router, sign_in.router, sign_in.forms),
)
