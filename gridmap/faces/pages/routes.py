"""All routers of the pages."""

from __future__ import annotations

from gridmap.faces.pages import bulletins, files, maps, people, rhythm

ROUTERS = (maps.router, rhythm.router, bulletins.router, people.router, files.router)
