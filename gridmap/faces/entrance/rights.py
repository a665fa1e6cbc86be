"""Who may call what: one table of all routes, the only place that says it.

What the rows of an answer may be is not here: that is each asker's sight, which the database holds. A route
without a row is nobody's. Whoever may not call a route is answered as if it were not there.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException

from gridmap.database.asker import SEES_ALL, Asker
from gridmap.people.credentials.model import ROLES

Roles = frozenset[str] | None

PUBLIC: Roles = None  # whoever reaches the service
SIGNED_IN: Roles = frozenset(ROLES)  # each sees and changes what is in their sight
WHOLE: Roles = SEES_ALL  # what is of the whole jurisdiction: published, or made of everybody's reports

# open without a route of their own name: files, ways to sign in, what lies under the public map
PUBLIC_FOLDERS = ("/static/", "/sign-in/", "/basemap/")

RIGHTS: dict[tuple[str, str], Roles] = {
    # the service
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/favicon.ico"): PUBLIC,
    ("GET", "/basemap/{z:int}/{x:int}/{y:int}"): PUBLIC,
    ("GET", "/sign-in"): PUBLIC,
    ("POST", "/sign-in"): PUBLIC,
    ("POST", "/sign-in/demonstration"): PUBLIC,
    ("POST", "/sign-in/demonstration/cases"): PUBLIC,  # once, where the district is made up
    ("GET", "/sign-in/oidc"): PUBLIC,
    ("GET", "/sign-in/oidc/callback"): PUBLIC,
    ("POST", "/sign-out"): PUBLIC,
    ("GET", "/docs"): SIGNED_IN,
    ("GET", "/openapi.json"): SIGNED_IN,
    ("GET", "/problems/{code}"): SIGNED_IN,
    # pages
    ("GET", "/"): PUBLIC,  # what the jurisdiction publishes: its areas and places
    ("GET", "/maps/places"): SIGNED_IN,
    ("GET", "/maps/heat"): SIGNED_IN,
    ("GET", "/maps/rhythm"): SIGNED_IN,
    ("GET", "/bulletins"): WHOLE,
    ("GET", "/desk"): SIGNED_IN,
    ("GET", "/desk/changes"): SIGNED_IN,  # that something has changed, not what
    ("GET", "/cases/{id}"): SIGNED_IN,
    ("GET", "/inspections"): SIGNED_IN,
    ("GET", "/my"): SIGNED_IN,
    ("GET", "/my/ground"): SIGNED_IN,
    ("GET", "/my-worker.js"): PUBLIC,  # as all scripts are
    # who asks; areas, places, people
    ("GET", "/api/v1/me"): SIGNED_IN,
    ("GET", "/api/v1/me/reports"): SIGNED_IN,
    ("GET", "/api/v1/jurisdictions"): SIGNED_IN,
    ("GET", "/api/v1/areas"): SIGNED_IN,
    ("GET", "/api/v1/areas/{kind}/{code}"): SIGNED_IN,
    ("GET", "/api/v1/places"): SIGNED_IN,
    ("GET", "/api/v1/locate"): SIGNED_IN,
    ("GET", "/api/v1/duties"): SIGNED_IN,
    ("GET", "/api/v1/tiles/areas/{kind}.json"): SIGNED_IN,
    ("GET", "/api/v1/tiles/areas/{kind}/{z}/{x}/{y}.mvt"): SIGNED_IN,
    # people, their posts and accounts: the office's
    ("GET", "/people"): WHOLE,
    ("GET", "/api/v1/people"): WHOLE,
    ("POST", "/api/v1/people"): WHOLE,
    ("POST", "/api/v1/people/search"): WHOLE,
    ("GET", "/api/v1/people/{code}"): WHOLE,
    ("PATCH", "/api/v1/people/{code}"): WHOLE,
    ("POST", "/api/v1/people/{code}/leave"): WHOLE,
    ("POST", "/api/v1/people/{code}/return"): WHOLE,
    ("GET", "/api/v1/posts"): WHOLE,
    ("GET", "/api/v1/parties"): WHOLE,
    ("GET", "/api/v1/seats"): WHOLE,
    ("GET", "/api/v1/seats/tally"): WHOLE,
    ("POST", "/api/v1/duties"): WHOLE,
    ("POST", "/api/v1/duties/{id}/move"): WHOLE,
    ("POST", "/api/v1/duties/{id}/end"): WHOLE,
    ("GET", "/api/v1/accounts"): WHOLE,
    ("POST", "/api/v1/accounts"): WHOLE,
    ("POST", "/api/v1/accounts/{id}/password"): WHOLE,
    ("POST", "/api/v1/accounts/{id}/disable"): WHOLE,
    ("POST", "/api/v1/accounts/{id}/enable"): WHOLE,
    ("GET", "/api/v1/tokens"): WHOLE,
    ("POST", "/api/v1/tokens"): WHOLE,
    ("POST", "/api/v1/tokens/{id}/revoke"): WHOLE,
    ("GET", "/api/v1/exports/people"): WHOLE,
    ("POST", "/api/v1/imports/people"): WHOLE,
    # reports, work records, cases
    ("GET", "/api/v1/categories"): SIGNED_IN,
    ("GET", "/api/v1/reports"): SIGNED_IN,
    ("POST", "/api/v1/reports"): SIGNED_IN,
    ("GET", "/api/v1/reports/{id}"): SIGNED_IN,
    ("GET", "/api/v1/reports/{id}/photos"): SIGNED_IN,
    ("POST", "/api/v1/reports/{id}/photos"): SIGNED_IN,
    ("GET", "/api/v1/photos/{id}"): SIGNED_IN,
    ("GET", "/api/v1/tiles/reports.json"): SIGNED_IN,
    ("GET", "/api/v1/tiles/reports/{z}/{x}/{y}.mvt"): SIGNED_IN,
    ("GET", "/api/v1/works"): SIGNED_IN,
    ("POST", "/api/v1/works"): SIGNED_IN,
    ("GET", "/api/v1/works/{id}"): SIGNED_IN,
    ("GET", "/api/v1/cases"): SIGNED_IN,
    ("GET", "/api/v1/cases/{id}"): SIGNED_IN,
    ("POST", "/api/v1/cases/moves"): SIGNED_IN,
    ("GET", "/api/v1/routes"): SIGNED_IN,
    ("POST", "/api/v1/reports/{id}/corrections"): SIGNED_IN,
    ("POST", "/api/v1/cases/{id}/moves"): SIGNED_IN,  # which move is whose: gridmap.cases.workflow
    ("GET", "/api/v1/inspections"): SIGNED_IN,
    ("GET", "/api/v1/inspections/coverage"): SIGNED_IN,
    ("POST", "/api/v1/inspections"): SIGNED_IN,  # whose plan it is: gridmap.cases.inspections.rounds
    # months in numbers and on paper
    ("GET", "/api/v1/stats/monthly"): SIGNED_IN,
    ("GET", "/api/v1/stats/daily"): SIGNED_IN,
    ("GET", "/api/v1/stats/hotspots"): SIGNED_IN,
    ("GET", "/api/v1/stats/moves"): SIGNED_IN,
    ("GET", "/api/v1/stats/around"): SIGNED_IN,
    ("GET", "/api/v1/stats/rhythm"): SIGNED_IN,
    ("GET", "/api/v1/stats/campaign"): SIGNED_IN,
    ("GET", "/api/v1/stats/services"): SIGNED_IN,
    ("GET", "/api/v1/exports/heatmap"): SIGNED_IN,
    ("GET", "/api/v1/exports/bulletin"): WHOLE,
    ("POST", "/api/v1/exports/bulletin"): WHOLE,
    ("GET", "/api/v1/jobs/{id}"): WHOLE,
    ("DELETE", "/api/v1/jobs/{id}"): WHOLE,
}

_PUBLIC_PATHS = frozenset(path for (_, path), roles in RIGHTS.items() if roles is PUBLIC)


def is_public(path: str) -> bool:
    """Whether an address is open to whoever reaches the service."""
    return path in _PUBLIC_PATHS or path.startswith(PUBLIC_FOLDERS)


def may(asker: Asker | None, method: str, route: str) -> bool:
    """Whether somebody may call a route, given as it is declared."""
    roles = RIGHTS.get((method, route), frozenset())
    return roles is None or (asker is not None and not roles.isdisjoint(asker.roles))


def check(asker: Asker | None, method: str, route: str) -> None:
    """Raises 404 as for an address that there is not."""
    if not may(asker, method, route):
        raise HTTPException(404)
