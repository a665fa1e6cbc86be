"""gridmap: the geospatial service under a subdistrict's responsibility grids.

`gridmap.locate` answers from Python what the service and the command line answer; `gridmap.open_gridmap`
opens the database for notebooks.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmap.people.chain import Answered
    from gridmap.settings import Settings

__version__ = "0.4.0"


def locate(
    lon: float,
    lat: float,
    *,
    datum: str,
    accuracy_m: float | None = None,
    jurisdiction: str | None = None,
    day: date | None = None,
    unit: int | None = None,
    settings: Settings | None = None,
) -> Answered:
    """Which grid, compound, community and building a coordinate lies in on a day (default: today there), and
    who answers for it (`who`: posts, names and telephone numbers).

    lon, lat in degrees of `datum` (wgs84, cgcs2000, gcj02, bd09); `accuracy_m` is the radius of 95 %
    confidence in metres, with which the answer carries a probability per grid; `unit` is the number of the
    unit inside the building. Opens the database for one
    answer; for many points open it once and keep an atlas (`gridmap.areas.atlas.current_atlas`).
    Raises BadCoordinate, BadInput, NotFound, DatabaseUnavailable.
    """
    from gridmap.areas import store
    from gridmap.areas.atlas import current_atlas
    from gridmap.opening import open_gridmap
    from gridmap.people.chain import answered
    from gridmap.people.roster import who_now
    from gridmap.settings import Settings

    settings = settings or Settings()
    with open_gridmap(settings) as database, database.reading() as connection:
        chosen = store.jurisdiction(connection, jurisdiction)
        atlas = current_atlas(connection, chosen.code, nearest_tolerance_m=settings.nearest_tolerance_m)
        on = day or chosen.today()
        located = atlas.locate(lon, lat, on, accuracy_m, datum=datum)
        return answered(located, who_now(connection, chosen.code, atlas, located, on, unit))
