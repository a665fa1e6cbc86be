"""Who may call what, row by row: what test_matrix.py walks through. The service's own table is
gridmap/faces/rights.py; this one is written by hand beside it, so that a slip in either shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["public", "map", "same", "rows", "one", "send", "whole", "whole one"]
"""public: everybody, alike
map: everybody, the public map; of another jurisdiction only who has not signed in
same: whoever has signed in, alike, of their own jurisdiction
rows: the same, and no row or count of what lies outside their sight
one: something that lies in a place: 404 outside the sight, as if it were not there
send: something new, wherever it lies, of their own jurisdiction
whole: roles that see the jurisdiction, for others it is not there
whole one: the same, and it belongs to a jurisdiction"""


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
    status: int = 200
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
    # who asks; areas, places, people
    Row("GET", "/api/v1/me", "same"),
    Row("GET", "/api/v1/jurisdictions", "rows"),
    Row("GET", "/api/v1/areas", "same"),
    Row("GET", "/api/v1/areas/{kind}/{code}", "same"),
    Row("GET", "/api/v1/places", "same"),
    Row("GET", "/api/v1/locate", "rows", POINT),
    Row("GET", "/api/v1/duties", "rows"),
    Row("GET", "/api/v1/tiles/areas/{kind}.json", "same"),
    Row("GET", "/api/v1/tiles/areas/{kind}/{z}/{x}/{y}.mvt", "same"),
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
    Row("POST", "/api/v1/cases/{id}/moves", "one", {"of": "case"}, body={"move": "fly"}, status=422),
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
