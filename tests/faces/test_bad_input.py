"""Every bad value of the wire: 4xx, the problem's shape, the field by its name, and nothing written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from gridmap.database import tables as t
from gridmap.errors import BadInput
from gridmap.faces.shapes.values import span
from tests.faces.test_writing import report

NUMBERS = [
    "nan",
    "NaN",
    "inf",
    "-Infinity",
    "1e400",
    "true",
    "1_0",
    "٣٦",
    "３６",
    "0x1F",
    " 36.6",
    "36.6 ",
    "",
    "36,6",
    "+1",
]
TEXTS = {"NUL": "a\0b", "escape": "a\x1bb", "C1": "a\x85b"}


def problem(answer, field: str, status: tuple[int, ...] = (422,)) -> dict:
    assert answer.status_code in status, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"].startswith(("/problems/", "about:blank"))
    assert set(body) >= {"type", "title", "status", "detail"}
    assert field in [each["field"] for each in body["errors"]], body
    assert field in body["detail"]
    return body


@pytest.fixture(scope="module", autouse=True)
def _nothing_written(town) -> Iterator[None]:
    """Not a row more after all of these than before."""

    def rows() -> list[int]:
        with town.app.state.service.own.reading() as connection:
            tables = (t.report, t.report_key, t.work)
            return [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]

    before = rows()
    yield
    assert rows() == before


@pytest.mark.parametrize("value", NUMBERS)
@pytest.mark.parametrize("field", ["lon", "lat", "accuracy"])
def test_numbers_of_a_query(client, field, value):
    query = {"lon": "109.465", "lat": "36.605", "datum": "wgs84", field: value}
    body = problem(client.get("/api/v1/locate", params=query), field)
    assert value not in ("nan", "0x1F", "1_0") or value not in body["detail"]  # what came is not echoed


@pytest.mark.parametrize(
    ("lon", "lat", "field", "says"),
    [
        ("36.605", "109.465", "lat", "swapped"),
        ("0", "0", "lon", "no position"),
        ("116.4", "39.9", "lon", "200 km"),
        ("181", "36.6", "lon", "between"),
        ("109.4", "-91", "lat", ""),
        ("1e300", "36.6", "lon", ""),
    ],
)
def test_places_that_cannot_be(client, lon, lat, field, says):
    query = {"lon": lon, "lat": lat, "datum": "wgs84"}
    body = problem(client.get("/api/v1/locate", params=query), field)
    assert body["type"] == "/problems/bad-coordinate"
    assert says in body["detail"]


@pytest.mark.parametrize("missing", ["lon", "lat", "datum"])
def test_missing_query(client, missing):
    query = {"lon": "109.465", "lat": "36.605", "datum": "wgs84"}
    del query[missing]
    assert "missing" in problem(client.get("/api/v1/locate", params=query), missing)["detail"]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/api/v1/locate", "lon=109.4&lat=36.6&datum=WGS84", "datum"),
        ("/api/v1/locate", "lon=109.4&lat=36.6&datum=", "datum"),
        ("/api/v1/locate", "lon=109.4&lat=36.6&datum=wgs84&accuracy=0", "accuracy"),
        ("/api/v1/locate", "lon=109.4&lat=36.6&datum=wgs84&accuracy=-5", "accuracy"),
        ("/api/v1/locate", "lon=109.4&lat=36.6&datum=wgs84&day=2023-02-30", "day"),
        ("/api/v1/locate", "lon=109.4&lat=36.6&datum=wgs84&lon=109.5", "lon"),
        ("/api/v1/locate", "lon=109.4&lat=36.6&datum=wgs84&acuracy=5", "acuracy"),
        ("/api/v1/areas", "kind=gird", "kind"),
        ("/api/v1/areas", "kind=%00", "kind"),
        ("/api/v1/areas", "kind=%ED%A0%80", "kind"),
        ("/api/v1/areas", "bbox=1,2,3", "bbox"),
        ("/api/v1/areas", "bbox=109.4,36.5,nan,36.7", "bbox"),
        ("/api/v1/areas", "bbox=36.5,109.4,36.7,109.6", "bbox"),
        ("/api/v1/areas", "bbox=109.6,36.5,109.4,36.7", "bbox"),
        ("/api/v1/areas", "bbox=,,,", "bbox"),
        ("/api/v1/areas", "limit=0", "limit"),
        ("/api/v1/areas", "limit=1001", "limit"),
        ("/api/v1/areas", "limit=1_0", "limit"),
        ("/api/v1/areas", "limit=%D9%A1", "limit"),
        ("/api/v1/areas", "limit=1.0", "limit"),
        ("/api/v1/areas", "limit=99999999999999999999", "limit"),
        ("/api/v1/areas", "after=abc", "after"),
        ("/api/v1/areas", "day=2023-6-1", "day"),
        ("/api/v1/areas", "day=15.06.2023", "day"),
        ("/api/v1/areas/gird/G00", "", "kind"),
        ("/api/v1/areas/grid/G00", "day=yesterday", "day"),
        ("/api/v1/places", "kind=shops", "kind"),
        ("/api/v1/places", "kind=parking,", "kind"),
        ("/api/v1/places", "open_at=2023-06-15T19:30:00", "open_at"),
        ("/api/v1/places", "open_at=2023-06-15T19:30:00+08:00", "open_at"),  # a bare + is a blank
        ("/api/v1/places", "open_at=0001-01-01T00:00:00%2B08:00", "open_at"),
        ("/api/v1/places", "open_at=1686828600", "open_at"),
        ("/api/v1/reports", "month=2023-13", "month"),
        ("/api/v1/reports", "month=2023-6", "month"),
        ("/api/v1/reports", "month=%D9%A2%D9%A0%D9%A2%D9%A3-06", "month"),
        ("/api/v1/reports", "month=2023-06&from=2023-06-01", "month"),
        ("/api/v1/reports", "from=2023-06-02&to=2023-06-01", "from"),
        ("/api/v1/reports", "from=0001-01-01", "from"),
        ("/api/v1/reports", "to=9999-12-31", "to"),
        ("/api/v1/reports", "from=2023-06-01T00:00", "from"),
        ("/api/v1/reports", "category=rubbish", "category"),
        ("/api/v1/reports", "method=guessed", "method"),
        ("/api/v1/reports", "needs_review=1", "needs_review"),
        ("/api/v1/reports", "grid=a%00b", "grid"),
        ("/api/v1/works", "kind=sweeping", "kind"),
        ("/api/v1/works", "from=2023", "from"),
        ("/api/v1/works", "from=2023-06-02&to=2023-06-01", "from"),
        ("/api/v1/stats/monthly", "from=2023-00", "from"),
        ("/api/v1/stats/monthly", "to=23-06", "to"),
        ("/api/v1/stats/monthly", "from=2023-07&to=2023-05", "to"),
        ("/api/v1/stats/monthly", "by=weekday", "by"),
        ("/api/v1/stats/monthly", "category=x", "category"),
        ("/api/v1/tiles/areas/gird/13/6587/3199.mvt", "", "kind"),
        ("/api/v1/tiles/areas/grid/13/6587/3199.mvt", "day=today", "day"),
        ("/api/v1/tiles/areas/grid/13/6587/3199.mvt", "z=13", "z"),
        ("/api/v1/tiles/areas/grid/23/0/0.mvt", "", "z"),
        ("/api/v1/tiles/areas/grid/-1/0/0.mvt", "", "z"),
        ("/api/v1/tiles/areas/grid/13/8192/3199.mvt", "", "x"),
        ("/api/v1/tiles/areas/grid/13/6587/8192.mvt", "", "y"),
        ("/api/v1/tiles/areas/grid/13/6587/999999999999.mvt", "", "y"),
        ("/api/v1/tiles/areas/grid/13/1e3/3199.mvt", "", "x"),
        ("/api/v1/tiles/areas/grid/13/%D9%A1/3199.mvt", "", "x"),
        ("/api/v1/tiles/areas/gird.json", "", "kind"),
        ("/api/v1/tiles/reports/23/0/0.mvt", "", "z"),
        ("/api/v1/tiles/reports/13/6587/3199.mvt", "from=2023-00", "from"),
        ("/api/v1/tiles/reports/13/6587/3199.mvt", "to=202306", "to"),
        ("/api/v1/tiles/reports/13/6587/3199.mvt", "from=2023-07&to=2023-05", "to"),
        ("/api/v1/tiles/reports/13/6587/3199.mvt", "category=rubbish", "category"),
        ("/api/v1/tiles/reports.json", "category=rubbish", "category"),
        ("/api/v1/tiles/reports.json", "from=2023-07&to=2023-05", "to"),
        ("/api/v1/tiles/areas/grid.json", "day=2023-02-30", "day"),
        ("/api/v1/exports/heatmap", "", "month"),
        ("/api/v1/exports/heatmap", "month=2023-00", "month"),
        ("/api/v1/exports/heatmap", "month=2023-06&category=nothing", "category"),
        ("/api/v1/exports/heatmap", "month=2023-06&format=exe", "format"),
        ("/api/v1/exports/heatmap", "month=2023-06&lang=fr", "lang"),
    ],
)
def test_queries(client, path, query, field):
    problem(client.get(f"{path}?{query}"), field)


LOCATE = "/api/v1/locate?lon=109.465&lat=36.605&datum=wgs84&"
EXTREMES = [
    *("0000-01-01", "0001-01-01", "0002-01-01", "9998-12-31", "9999-01-01", "9999-12-31"),
    *("0001-01", "0002-01", "1900-01", "2099-12", "9998-12", "9999-12"),
    *(
        f"{moment}{offset}"
        for day in ("0001-01-01", "0002-01-01", "2023-06-15", "9998-12-31", "9999-12-31")
        for moment in (f"{day}T00:00:00", f"{day}T23:59:59")
        for offset in ("Z", "%2B15:59", "-15:59", "%2B16:00", "-16:00", "%2B23:59", "-23:59")
    ),
]


@pytest.mark.parametrize("value", EXTREMES)
@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/api/v1/places?", "open_at"),
        ("/api/v1/places?", "day"),
        ("/api/v1/areas?", "day"),
        ("/api/v1/areas/grid/G00?", "day"),
        (LOCATE, "day"),
        ("/api/v1/reports?", "from"),
        ("/api/v1/reports?", "to"),
        ("/api/v1/reports?", "month"),
        ("/api/v1/works?", "from"),
        ("/api/v1/works?", "to"),
        ("/api/v1/works?", "month"),
        ("/api/v1/stats/monthly?", "from"),
        ("/api/v1/stats/monthly?", "to"),
        ("/api/v1/exports/heatmap?format=csv&", "month"),
        ("/api/v1/tiles/areas/grid/13/6587/3199.mvt?", "day"),
        ("/api/v1/tiles/reports/13/6587/3199.mvt?", "from"),
        ("/api/v1/tiles/reports/15/26349/12798.mvt?", "to"),
    ],
)
def test_the_ends_of_time(client, address, field, value):
    """Each is answered, or refused by its name; no shift by a zone or a day leaves what Python can hold."""
    answer = client.get(f"{address}{field}={value}")
    if answer.status_code != 200:
        problem(answer, field)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_ends_of_time_in_the_outermost_zones(zone):
    for value in EXTREMES:
        text = value.replace("%2B", "+")
        for month, first, last in ((text, None, None), (None, text, None), (None, None, text)):
            with suppress(BadInput):
                edges = [edge for edge in span(month, first, last, ZoneInfo(zone)) if edge]
                assert [edge.astimezone(UTC) for edge in edges]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("9999-12-31T23:59:59Z", "2 to 9998"),
        ("0001-01-01T00:00:00Z", "2 to 9998"),
        ("2023-06-15T08:30:00%2B23:59", "offset"),
        ("2023-06-15T08:30:00-16:00", "offset"),
    ],
)
@pytest.mark.parametrize(("path", "field"), [("places", "open_at"), ("reports", "from"), ("reports", "to")])
def test_what_is_wrong_with_a_moment_is_told(client, path, field, value, says):
    assert says in problem(client.get(f"/api/v1/{path}?{field}={value}"), field)["detail"]


@pytest.mark.parametrize("value", ["2023-06-15T08:30:00%2B15:59", "2023-06-15T08:30:00-15:59"])
@pytest.mark.parametrize(("path", "field"), [("places", "open_at"), ("reports", "from"), ("reports", "to")])
def test_the_widest_offsets_are_taken(client, path, field, value):
    assert client.get(f"/api/v1/{path}?{field}={value}").status_code == 200


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/jurisdictions?jurisdiction=nowhere", "jurisdiction"),
        ("/api/v1/areas?jurisdiction=nowhere", "jurisdiction"),
        ("/api/v1/locate?lon=109.4&lat=36.6&datum=wgs84&jurisdiction=nowhere", "jurisdiction"),
        ("/api/v1/areas/grid/none", "code"),
        ("/api/v1/areas/grid/%00", "code"),
        ("/api/v1/reports/1", "id"),
        ("/api/v1/reports/00000000-0000-0000-0000-000000000000", "id"),
        ("/api/v1/works/%E2%82%AC", "id"),
        ("/api/v1/works/00000000-0000-0000-0000-000000000000", "id"),
    ],
)
def test_things_that_are_not_there(client, path, field):
    problem(client.get(path), field, (404, 422))


def at(**changes: object) -> dict:
    return report(location={"lon": 109.465, "lat": 36.605, "datum": "wgs84"} | changes)


BODIES = [
    (report(category="rubbish"), "category"),
    (report(category=6), "category"),
    (report(category=""), "category"),
    (report(description="长" * 5001), "description"),
    (report(description=None), "description"),
    (report(client_id=""), "client_id"),
    (report(client_id="x" * 129), "client_id"),
    (report(client_id=5), "client_id"),
    (report(client_id="a\nb"), "client_id"),
    (report(occurred_at="2023-06-15T08:30:00"), "occurred_at"),
    (report(occurred_at="2023-06-15"), "occurred_at"),
    (report(occurred_at="15/06/2023 08:30"), "occurred_at"),
    (report(occurred_at=1686789000), "occurred_at"),
    (report(occurred_at="2023-02-30T08:30:00+08:00"), "occurred_at"),
    (report(occurred_at="2023-06-15T24:30:00+08:00"), "occurred_at"),
    (report(occurred_at="2023-06-15T08:30:00+99:00"), "occurred_at"),
    (report(occurred_at="1989-12-31T08:30:00+08:00"), "occurred_at"),
    (report(occurred_at="0001-01-01T00:00:00+08:00"), "occurred_at"),
    (report(occurred_at="9999-12-31T23:59:59-08:00"), "occurred_at"),
    (report(occurred_at="9999-12-31T23:59:59Z"), "occurred_at"),
    (report(occurred_at="2999-01-01T00:00:00Z"), "occurred_at"),
    *(
        (report(occurred_at=f"2023-06-15T08:30:00{offset}"), "occurred_at")
        for offset in ("+16:00", "+23:59", "-16:00", "-23:59")
    ),
    (report(location=None), "location"),
    (report(location=[109.4, 36.6]), "location"),
    (report(location="109.4,36.6"), "location"),
    (report(location={"lon": 109.465, "lat": 36.605}), "location.datum"),
    (report(location={"lon": 109.465, "datum": "wgs84"}), "location.lat"),
    (at(lon=36.605, lat=109.465), "location.lat"),
    (at(lon=0, lat=0), "location"),
    (at(lon=116.4, lat=39.9), "location"),
    (at(datum="WGS-84"), "location.datum"),
    (at(datum=None), "location.datum"),
    (at(accuracy_m=-1), "location.accuracy_m"),
    (at(accuracy_m="12"), "location.accuracy_m"),
    (at(alt=3), "location.alt"),
    (report(colour="red"), "colour"),
    (report(named_area="南苑"), "named_area"),
    ({k: v for k, v in report(named_area="无此小区").items() if k != "location"}, "named_area"),
    ({k: v for k, v in report().items() if k != "category"}, "category"),
    ({k: v for k, v in report().items() if k != "occurred_at"}, "occurred_at"),
    *(
        (report(**{field: text}), field)
        for field in ("client_id", "category", "description")
        for text in TEXTS.values()
    ),
    *(
        (at(**{field: value}), f"location.{field}")
        for field in ("lon", "lat")
        for value in ("109.4", "NaN", True, None, [1], {})
    ),
]


@pytest.mark.parametrize(("body", "field"), BODIES)
def test_bodies(client, body, field):
    answer = client.post("/api/v1/reports", json=body)
    told = problem(answer, field)
    assert "a\\u0000b" not in answer.text
    assert told["detail"]


WORK = {"client_id": "bad-work", "kind": "advert_removed", "quantity": 3, "occurred_on": "2023-06-15"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "sweeping"}, "kind"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": -3}, "quantity"),
        ({"quantity": "3"}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"quantity": 1e13}, "quantity"),
        ({"unit": "kg"}, "unit"),
        ({"occurred_on": "2023-02-30"}, "occurred_on"),
        ({"occurred_on": "2999-01-01"}, "occurred_on"),
        ({"occurred_on": "9999-12-31"}, "occurred_on"),
        ({"occurred_on": "0001-01-01"}, "occurred_on"),
        ({"occurred_on": "2023-06-15T00:00:00Z"}, "occurred_on"),
        ({"report_ids": ["nobody's"]}, "report_ids"),
        ({"report_ids": ["00000000-0000-0000-0000-000000000000"]}, "report_ids"),
        ({"report_ids": ["a\0b"]}, "report_ids"),
        ({"report_ids": "x"}, "report_ids"),
        ({"note": "a\0b"}, "note"),
        ({"place_name": "长" * 201}, "place_name"),
        ({"location": {"lon": 36.6, "lat": 109.4, "datum": "wgs84"}}, "location.lat"),
        ({"location": {"lon": 109.4, "lat": 36.6}}, "location.datum"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_works(client, change, field):
    problem(client.post("/api/v1/works", json=WORK | change), field)


def raw(client, body: bytes, content_type: str = "application/json", path: str = "/api/v1/reports"):
    return client.post(path, content=body, headers={"content-type": content_type})


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 400])
@pytest.mark.parametrize("field", ["lon", "lat", "accuracy_m"])
def test_numbers_that_json_does_not_have(client, field, literal):
    body = report()
    body["location"][field] = "@"
    answer = raw(client, json.dumps(body).replace('"@"', literal).encode())
    told = problem(answer, f"location.{field}", (400, 422))
    assert literal not in told["detail"]


@pytest.mark.parametrize("field", ["client_id", "category", "description", "named_area"])
def test_lone_surrogates(client, field):
    problem(raw(client, json.dumps(report(**{field: "a\ud800b"})).encode()), field, (400,))


def test_a_lone_surrogate_in_a_name(client):
    answer = raw(client, b'{"a\\ud800": 1}')
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"3",
        b'"text"',
        b"\xff\xfe{}",
        b'{"client_id": "\xff"}',
        "{'client_id': 1}".encode("utf-16"),
        b'{"a":' * 100_00 + b"1" + b"}" * 100_00,
        b'{"a":' + b"9" * 5000 + b"}",
        b"{}{}",
        b"<report/>",
    ],
)
def test_bodies_that_are_no_json_object(client, body):
    answer = raw(client, body)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/bad-body"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"],
)
def test_other_content_types(client, content_type):
    """A page of another site can send these without being asked; JSON it cannot."""
    for path in ("/api/v1/reports", "/api/v1/works"):
        assert raw(client, json.dumps(report()).encode(), content_type, path).status_code == 415


def test_content_type_with_a_charset(client):
    assert raw(client, b"{}", "Application/JSON; charset=utf-8").status_code == 422


def test_all_errors_of_a_body_are_told_at_once(client):
    body = report(colour="red", category=5, location={"lon": "x", "lat": 36.6})
    fields = {e["field"] for e in client.post("/api/v1/reports", json=body).json()["errors"]}
    assert fields == {"colour", "category", "location.lon", "location.datum"}
