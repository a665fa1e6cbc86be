"""What the reading addresses answer, by the names on the wire."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import orjson
import pytest
import shapely

from gridmap.faces.shapes import wire
from tests.faces.conftest import CATEGORIES, PLACES, REPORTS, square


def got(client: httpx.Client, path: str, **query: object) -> dict:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_jurisdictions(client):
    assert got(client, "/api/v1/jurisdictions") == {
        "items": [
            {
                "code": "town",
                "name": "试验街道",
                "name_en": "Testing Town",
                "time_zone": "Asia/Shanghai",
                "illustrative": True,
            }
        ],
        "next": None,
    }


def test_areas_are_features_with_their_exact_coordinates(client):
    found = got(client, "/api/v1/areas", kind="grid")
    assert set(found) == {"type", "features", "next"}
    assert found["type"] == "FeatureCollection"
    assert found["next"] is None
    assert [f["properties"]["code"] for f in found["features"]] == [
        f"G{row}{column}" for row in range(3) for column in range(4)
    ]
    feature = found["features"][6]
    assert (
        feature["properties"].items()
        >= {
            "code": "G12",
            "name": "第12网格",
            "kind": "grid",
            "parent": "C1",
            "valid_from": None,
            "valid_to": None,
        }.items()
    )
    assert shapely.equals_exact(
        shapely.normalize(shapely.geometry.shape(feature["geometry"])), shapely.normalize(square(2, 1)), 0
    )
    wire.AreaCollection.model_validate_json(client.get("/api/v1/areas").content)


def test_area_type_and_own_properties(client):
    answer = client.get("/api/v1/areas/compound/P1")
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json()["properties"]["households"] == 320
    wire.AreaFeature.model_validate_json(answer.content)
    assert client.get("/api/v1/areas/grid/P1").status_code == 404


def test_bbox_keeps_what_touches_it(client):
    found = got(client, "/api/v1/areas", kind="grid", bbox="109.461,36.601,109.462,36.611")
    assert [f["properties"]["code"] for f in found["features"]] == ["G00", "G10"]


def test_places(client):
    found = got(client, "/api/v1/places")
    assert [(f["properties"]["kind"], f["properties"]["code"]) for f in found["features"]] == [
        (kind, code) for kind, code, *_ in PLACES
    ]
    wire.PlaceCollection.model_validate_json(orjson.dumps(found))
    parking = got(client, "/api/v1/places", kind="parking")["features"]
    assert [f["properties"]["capacity"] for f in parking] == [120, 80]
    both = got(client, "/api/v1/places", kind="night_market,morning_market")["features"]
    assert {f["properties"]["kind"] for f in both} == {"night_market", "morning_market"}


@pytest.mark.parametrize(
    ("moment", "codes"),
    [("2023-06-15T19:30:00+08:00", {"N1"}), ("2023-06-15T09:29:00+08:00", {"M1", "H1"})],
)
def test_places_open_at(client, moment, codes):
    """Places without opening hours may or may not be open; those with hours follow them."""
    features = got(client, "/api/v1/places", open_at=moment)["features"]
    assert {f["properties"]["code"] for f in features if f["properties"]["opening_hours"]} == codes


def test_categories(client):
    found = got(client, "/api/v1/categories")
    wire.CategoryList.model_validate(found)
    codes = [item["code"] for item in found["items"]]
    assert {"matter-06001", "component-02001", "local-teastall"} <= set(codes)
    assert len(codes) == len(set(codes))
    assert all(item["code"].startswith(item["kind"] + "-") for item in found["items"])


def test_locate(client):
    found = got(client, "/api/v1/locate", lon=109.464, lat=36.604, datum="wgs84")
    distance, who = found.pop("edge_distance_m"), found.pop("who")
    assert [step["area"]["code"] for step in who["chain"]] == ["G00", "G00", "C0", "S"]
    assert found == {
        "grid": {"code": "G00", "name": "第00网格"},
        "compound": {"code": "P1", "name": "南苑"},
        "community": {"code": "C0", "name": "第0社区"},
        "building": None,
        "method": "covers",
        "candidates": [],
    }
    assert distance == pytest.approx(357.7, abs=1)  # 0.004° of longitude at 36.6°


def test_locate_with_accuracy_weighs_the_grids(client):
    found = got(client, "/api/v1/locate", lon=109.47001, lat=36.605, datum="wgs84", accuracy=100)
    shares = {each["code"]: each["probability"] for each in found["candidates"]}
    assert list(shares) == ["G01", "G00"]
    assert sum(shares.values()) == pytest.approx(1, abs=0.01)


def test_locate_on_a_shared_edge_takes_the_smallest_code(client):
    assert got(client, "/api/v1/locate", lon=109.47, lat=36.605, datum="wgs84")["grid"]["code"] == "G00"


def test_locate_converts_the_datum(client):
    """The same numbers in GCJ-02 mean a point some 480 m to the west."""
    assert got(client, "/api/v1/locate", lon=109.472, lat=36.605, datum="wgs84")["grid"]["code"] == "G01"
    assert got(client, "/api/v1/locate", lon=109.472, lat=36.605, datum="gcj02")["grid"]["code"] == "G00"


def test_locate_near_and_outside(client):
    near = got(client, "/api/v1/locate", lon=109.4597, lat=36.605, datum="wgs84")
    assert (near["method"], near["grid"]["code"]) == ("nearest", "G00")
    outside = got(client, "/api/v1/locate", lon=109.40, lat=36.605, datum="wgs84")
    assert (outside["method"], outside["grid"]) == ("outside", None)


def test_reports_filters(client):
    def numbers(**query):
        items = got(client, "/api/v1/reports", limit=1000, **query)["items"]
        return {int(i["client_id"][5:]) for i in items if i["client_id"].startswith("town-")}

    assert numbers() == set(range(REPORTS))
    assert numbers(month="2023-05") == set(range(31))
    assert numbers(**{"from": "2023-05-01", "to": "2023-05-02"}) == {0, 1}
    assert numbers(**{"from": "2023-05-01T09:00:00+08:00", "to": "2023-05-01T09:00:01+08:00"}) == {0}
    assert numbers(category=CATEGORIES[1]) == {n for n in range(REPORTS) if n % 3 == 1}
    assert numbers(grid="G11") == {n for n in range(REPORTS) if n % 12 == 5}
    assert numbers(community="C2") == {n for n in range(REPORTS) if n % 12 >= 8}
    assert numbers(method="covers", needs_review="false") == set(range(REPORTS))
    assert numbers(method="outside") == set()


def test_a_month_is_one_of_the_jurisdictions_zone(sender):
    """23:30 UTC of the last of May is June in Shanghai."""
    body = {
        "client_id": "midnight",
        "category": CATEGORIES[0],
        "occurred_at": "2022-05-31T23:30:00Z",
        "location": {"lon": 109.465, "lat": 36.605, "datum": "wgs84"},
    }
    assert sender.post("/api/v1/reports", json=body).status_code in (200, 201)
    assert got(sender, "/api/v1/reports", month="2022-05")["items"] == []
    (found,) = got(sender, "/api/v1/reports", month="2022-06")["items"]
    assert found["occurred_at"] == "2022-06-01T07:30:00+08:00"
    counted = got(sender, "/api/v1/stats/monthly", **{"from": "2022-06", "to": "2022-06"})
    assert counted["items"] == [
        {"month": "2022-06", "code": "G00", "name": "第00网格", "count": 1, "masked": False}
    ]


def test_one_report(client):
    newest = got(client, "/api/v1/reports", month="2023-07")["items"][0]
    assert newest["client_id"] == f"town-{REPORTS - 1}"
    assert got(client, f"/api/v1/reports/{newest['id']}") == newest
    wire.Report.model_validate_json(client.get(f"/api/v1/reports/{newest['id']}").content)
    assert newest["location"] == {"lon": 109.475, "lat": 36.615, "datum": "wgs84", "accuracy_m": None}
    assert newest["placement"]["grid"] == {"code": "G11", "name": "第11网格"}


def test_monthly_counts(client):
    by_category = got(client, "/api/v1/stats/monthly", by="category", **{"from": "2023-05", "to": "2023-05"})
    assert {row["code"]: row["count"] for row in by_category["items"]} == {
        CATEGORIES[0]: 11,
        CATEGORIES[1]: 10,
        CATEGORIES[2]: 10,
    }
    by_grid = got(client, "/api/v1/stats/monthly", **{"from": "2023-05", "to": "2023-07"})["items"]
    assert sum(row["count"] for row in by_grid) == REPORTS
    wire.MonthlyList.model_validate_json(client.get("/api/v1/stats/monthly").content)


@pytest.mark.parametrize(
    ("format", "begins"),
    [
        ("html", b"<!DOCTYPE html>"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF-"),
        ("xlsx", b"PK"),
        ("csv", b"\xef\xbb\xbf"),
        ("gpkg", b"SQLite format 3"),
        ("geojson", b"{"),
    ],
)
def test_heatmap_files(client, format, begins):
    answer = client.get("/api/v1/exports/heatmap", params={"month": "2023-06", "format": format})
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(begins)
    disposition = answer.headers["content-disposition"]
    assert f'filename="heatmap-town-2023-06.{format}"' in disposition
    assert "filename*=UTF-8''%E8%AF%95%E9%AA%8C" in disposition


def test_heatmap_is_html_unless_asked_otherwise(client):
    answer = client.get("/api/v1/exports/heatmap", params={"month": "2023-06", "category": CATEGORIES[0]})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_head_answers_like_get(client):
    for path in ("/healthz", "/", "/api/v1/areas", "/static/pages.css"):
        answer = client.head(path)
        assert answer.status_code == 200
        assert answer.content == b""
    assert client.head("/nothing").status_code == 404


def test_many_readers_at_once(town):
    """More than there are pool threads and connections: they queue, and do not wait for one another."""

    def read(_: int) -> int:
        with town.client() as client:
            return client.get("/api/v1/reports").status_code

    with ThreadPoolExecutor(80) as pool:
        assert set(pool.map(read, range(160))) == {200}


def test_many_ask_at_once_whether_it_is_well(town):
    """One probe serves all who ask while it is under way; who comes just after its end begins the next."""

    def ask(_: int) -> set[int]:
        with town.stranger() as client:
            return {client.get("/healthz").status_code for _ in range(60)}

    with ThreadPoolExecutor(16) as pool:
        assert set().union(*pool.map(ask, range(16))) == {200}
