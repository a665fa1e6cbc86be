"""All routers of the pages."""

from __future__ import annotations

from gridmap.faces.pages import bulletins, files, maps, oidc, rhythm

ROUTERS = (maps.router, rhythm.router, bulletins.router, oidc.router, files.router)
