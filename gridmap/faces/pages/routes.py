"""All routers of the pages."""

from __future__ import annotations

from gridmap.faces.pages import files, maps, rhythm

ROUTERS = (maps.router, rhythm.router, files.router)
