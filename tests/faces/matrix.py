"""Who may call what, row by row: what test_matrix.py walks through. The service's own table is
gridmap/faces/entrance/rights.py; this one is written by hand beside it, so that a slip in either shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["public", "map", "same", "rows", "one", "send", "whole", "whole one", "stream"]
"""public: everybody, alike
map: everybody, the public map; of another jurisdiction only who has not signed in
same: whoever has signed in, alike, of their own jurisdiction
rows: the same, and no row or count of what lies outside their sight
one: something that lies in a place: 404 outside the sight, as if it were not there
send: something new, wherever it lies, of their own jurisdiction
whole: roles that see the jurisdiction, for others it is not there
whole one: the same, and it belongs to a jurisdiction
stream: same, without an end"""


@dataclass(frozen=True, slots=True)
class Row:
    """`path`: as the route is declared. Its parameters, `query`, `body` and `form` are filled from what lies
    in a place, `of` says the id of which. `status`: of who may."""

    method: str
    path: str
    kind: Kind
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    content: str | None = None
    status: int = 200
    again: int | None = None  # what the second who may is told, where the first has changed something
    others: dict[str, int] = field(default_factory=dict)  # of who sees it, but by their role may not
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


MONTH = {"month": "2023-09"}
POINT = {"lon": "{lon}", "lat": "{lat}", "datum": "wgs84"}
JPEG = {"Content-Type": "image/jpeg"}

ROWS = (
    # the service
    Row("GET", "/healthz", "public"),
    Row("GET", "/favicon.ico", "public"),
    Row("GET", "/static", "public"),
    Row("GET", "/static/vendor", "public"),
    Row("GET", "/basemap/{z:int}/{x:int}/{y:int}", "public", status=404),  # none is configured
    Row("GET", "/sign-in", "public"),
    Row("POST", "/sign-in", "public", form={"login": "{fresh}", "password": "none"}, status=401),
    Row("POST", "/sign-in/demonstration", "public", form={"login": "none"}, status=401),
    Row("POST", "/sign-in/demonstration/cases", "public", status=303),
    Row("GET", "/sign-in/oidc", "public", status=404),  # no provider is set up
    Row("GET", "/sign-in/oidc/callback", "public", status=404),
    Row("POST", "/sign-out", "public", status=303),
    Row("GET", "/docs", "same"),
    Row("GET", "/openapi.json", "same"),
    Row("GET", "/problems/{code}", "same"),
    # pages
    Row("GET", "/", "map"),
    Row("GET", "/maps/places", "rows"),
    Row("GET", "/maps/heat", "rows", MONTH),
    Row("GET", "/maps/rhythm", "rows", MONTH),
    Row("GET", "/bulletins", "whole"),
    Row("GET", "/desk", "rows"),
    Row("GET", "/desk/changes", "stream"),
    Row("GET", "/cases/{id}", "one", {"of": "case"}),
    Row("GET", "/inspections", "rows"),
    Row("GET", "/my", "same"),
    Row("GET", "/my/ground", "same"),
    Row("GET", "/my-worker.js", "public"),
    # who asks; areas, places, people
    Row("GET", "/api/v1/me", "same"),
    Row("GET", "/api/v1/me/reports", "same"),
    Row("GET", "/api/v1/jurisdictions", "rows"),
    Row("GET", "/api/v1/areas", "same"),
    Row("GET", "/api/v1/areas/{kind}/{code}", "same"),
    Row("GET", "/api/v1/places", "same"),
    Row("GET", "/api/v1/locate", "rows", POINT),
    Row("GET", "/api/v1/duties", "rows"),
    Row("GET", "/api/v1/tiles/areas/{kind}.json", "same"),
    Row("GET", "/api/v1/tiles/areas/{kind}/{z}/{x}/{y}.mvt", "same"),
    # people, their posts and accounts
    Row("GET", "/people", "whole"),
    Row("GET", "/api/v1/people", "whole"),
    Row("POST", "/api/v1/people", "whole", body={"name": "{fresh}"}, status=201),
    Row("POST", "/api/v1/people/search", "whole", body={"text": "示例"}),
    Row("GET", "/api/v1/people/{code}", "whole one"),
    Row("PATCH", "/api/v1/people/{code}", "whole one", body={"name": "{name}"}),
    Row("POST", "/api/v1/people/{code}/leave", "whole one", body={"day": "2023-03-01"}),
    Row("POST", "/api/v1/people/{code}/return", "whole one", again=409),  # they are there
    Row("GET", "/api/v1/posts", "whole"),
    Row("GET", "/api/v1/parties", "whole"),
    Row("GET", "/api/v1/seats", "whole"),
    Row("GET", "/api/v1/seats/tally", "whole"),
    Row("POST", "/api/v1/duties", "whole", status=422, body={
        "person": "p-member", "post": "king", "area_code": "G00", "valid_from": "2026-01-01",
    }),
    Row("POST", "/api/v1/duties/{id}/move", "whole one", {"of": "duty"}, status=409,  # it is over
        body={"day": "2023-03-01", "area_code": "G01"}),
    Row("POST", "/api/v1/duties/{id}/end", "whole one", {"of": "duty"}, status=409,
        body={"day": "2023-03-01"}),
    Row("GET", "/api/v1/accounts", "whole"),
    Row("POST", "/api/v1/accounts", "whole", body={"role": "king"}, status=422),
    Row("POST", "/api/v1/accounts/{id}/password", "whole one", {"of": "account"}),
    Row("POST", "/api/v1/accounts/{id}/disable", "whole one", {"of": "account"}),
    Row("POST", "/api/v1/accounts/{id}/enable", "whole one", {"of": "account"}),
    Row("GET", "/api/v1/tokens", "whole"),
    Row("POST", "/api/v1/tokens", "whole", body={"name": "{fresh}", "role": "office"}, status=201),
    Row("POST", "/api/v1/tokens/{id}/revoke", "whole one", {"of": "token"}, status=204, again=404),
    Row("GET", "/api/v1/exports/people", "whole", {"table": "people", "format": "csv"}),
    Row("POST", "/api/v1/imports/people", "whole", {"table": "people", "format": "csv"},
        content="code,name\nq1,某人\n", headers={"Content-Type": "text/csv"}),
    # reports, photos, work records, cases
    Row("GET", "/api/v1/categories", "same"),
    Row("GET", "/api/v1/reports", "rows", MONTH),
    Row("POST", "/api/v1/reports", "send", status=201, body={
        "client_id": "{fresh}", "category": "matter-06011", "occurred_at": "2023-08-02T08:30:00+08:00",
        "location": {"lon": "{lon}", "lat": "{lat}", "datum": "wgs84"},
    }),
    Row("GET", "/api/v1/reports/{id}", "one", {"of": "report"}),
    Row("GET", "/api/v1/reports/{id}/photos", "one", {"of": "report"}),
    Row("POST", "/api/v1/reports/{id}/photos", "one", {"of": "report", "client_id": "{fresh}"}, headers=JPEG,
        status=400),  # what they send is no picture
    Row("GET", "/api/v1/photos/{id}", "one", {"of": "photo"}),
    Row("GET", "/api/v1/tiles/reports.json", "same"),
    Row("GET", "/api/v1/tiles/reports/{z}/{x}/{y}.mvt", "rows", {"from": "2023-09", "to": "2023-09"}),
    Row("GET", "/api/v1/works", "rows", MONTH),
    Row("POST", "/api/v1/works", "send", status=201, body={
        "client_id": "{fresh}", "kind": "advert_removed", "quantity": 3, "occurred_on": "2023-08-02",
        "location": {"lon": "{lon}", "lat": "{lat}", "datum": "wgs84"},
    }),
    Row("GET", "/api/v1/works/{id}", "one", {"of": "work"}),
    Row("GET", "/api/v1/cases", "rows"),
    Row("GET", "/api/v1/cases/{id}", "one", {"of": "case"}),
    Row("POST", "/api/v1/reports/{id}/corrections", "one", {"of": "report"}, status=422,
        others={"administrator": 403, "department": 403}, body={"category": "none", "reason": "x"}),
    Row("POST", "/api/v1/cases/moves", "rows", {"of": "case"},
        body={"move": "fly", "reason": "x", "cases": [{"id": "{id}"}]}),
    Row("GET", "/api/v1/routes", "rows", {"of": "case", "cases": "{id}"}),
    Row("POST", "/api/v1/cases/{id}/moves", "one", {"of": "case"}, body={"move": "fly"}, status=422),
    Row("GET", "/api/v1/inspections", "rows"),
    Row("GET", "/api/v1/inspections/coverage", "rows"),
    Row("POST", "/api/v1/inspections", "one", {"of": "stall"}, status=201, again=200,
        others={"community": 403, "department": 403}, body={"plan": "round", "target": "{id}"}),
    # months in numbers and on paper
    Row("GET", "/api/v1/stats/monthly", "rows", MONTH),
    Row("GET", "/api/v1/stats/daily", "rows", MONTH),
    Row("GET", "/api/v1/stats/hotspots", "rows", MONTH),
    Row("GET", "/api/v1/stats/moves", "rows", MONTH | {"edition": "{edition}"}),
    Row("GET", "/api/v1/stats/around", "rows", MONTH),
    Row("GET", "/api/v1/stats/rhythm", "rows", MONTH | {"kind": "night_market"}),
    Row("GET", "/api/v1/stats/campaign", "rows", {
        "category": "matter-06011", "from": "2023-09-01", "to": "2023-09-15", "until": "2023-09-30",
    }),
    Row("GET", "/api/v1/stats/services", "rows", MONTH),
    Row("GET", "/api/v1/exports/heatmap", "rows", MONTH | {"format": "geojson"}),
    Row("GET", "/api/v1/exports/bulletin", "whole", MONTH | {"number": "1", "file": "json"}),
    Row("POST", "/api/v1/exports/bulletin", "whole", {"month": "2023-13"}, status=422),
    Row("GET", "/api/v1/jobs/{id}", "whole one", {"of": "job"}),
    Row("DELETE", "/api/v1/jobs/{id}", "whole one", {"of": "job"}, status=409),  # it has ended
)  # fmt: skip
