"""All routers of the REST interface."""

from __future__ import annotations

from gridmap.faces.rest import areas, documents, exports, locate, places, reports, statistics, tiles, works

ROUTERS = (
    locate.router,
    reports.router,
    areas.router,
    places.router,
    works.router,
    statistics.router,
    exports.router,
    tiles.router,
    documents.router,
)
