"""All routers of the pages."""

from __future__ import annotations

from gridmap.faces.pages import bulletins, case, desk, files, maps, rhythm

ROUTERS = (maps.router, rhythm.router, bulletins.router, desk.router, case.router, files.router)
