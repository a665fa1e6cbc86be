"""The pages by name: what every page's header leads to, as far as whoever asks may open it."""

from __future__ import annotations

from gridmap.database.asker import Asker
from gridmap.faces.entrance.rights import may
from gridmap.faces.entrance.who import SIGN_OUT, sign_in_and_back

# in the order of the header; their names are in gridmap.maps.district.navigation
PAGES = {
    "my": "/my",
    "desk": "/desk",
    "inspections": "/inspections",
    "district": "/",
    "places": "/maps/places",
    "rhythm": "/maps/rhythm",
    "heat": "/maps/heat",
    "bulletins": "/bulletins",
    "people": "/people",
}


def pages_for(asker: Asker | None) -> dict[str, str]:
    """Key -> path. To somebody who has not signed in all, by way of signing in."""
    return {key: path for key, path in PAGES.items() if asker is None or may(asker, "GET", path)}


def entrance_for(asker: Asker | None, here: str) -> dict[str, str]:
    """Signing in and coming back `here`, or who is signed in and signing out: as maps' `links` have it."""
    if asker is None:
        return {"sign_in": sign_in_and_back(here)}
    return {"sign_out": SIGN_OUT, "who": asker.title}
