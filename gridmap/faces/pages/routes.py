"""All routers of the pages."""

from __future__ import annotations

from gridmap.faces.pages import bulletins, files, maps

ROUTERS = (maps.router, bulletins.router, files.router)
