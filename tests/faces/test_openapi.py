"""The description of the interface: complete, true, asked at random; one shape of error over all routes."""

from __future__ import annotations

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import response_schema_conformance

from gridmap.faces.app import create_app
from gridmap.settings import Settings

load_all_checks()
API = create_app(Settings(demonstration=False)).openapi()
OPERATIONS = [(path, method) for path, methods in API["paths"].items() for method in methods]


def test_every_address_of_the_issue_is_there():
    assert {path.removeprefix("/api/v1/") for path in API["paths"]} >= {
        "jurisdictions",
        "areas",
        "areas/{kind}/{code}",
        "places",
        "categories",
        "reports",
        "reports/{id}",
        "works",
        "locate",
        "me",
        "stats/monthly",
        "stats/around",
        "stats/rhythm",
        "stats/campaign",
        "stats/services",
        "exports/heatmap",
        "exports/bulletin",
        "jobs/{id}",
        "tiles/areas/{kind}.json",
        "tiles/areas/{kind}/{z}/{x}/{y}.mvt",
        "tiles/reports.json",
        "tiles/reports/{z}/{x}/{y}.mvt",
    }


@pytest.mark.parametrize(("path", "method"), [o for o in OPERATIONS if o[0].startswith("/api")])
def test_every_operation_is_described(path, method):
    operation = API["paths"][path][method]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    problems = {"401", "404", "422", "503"} | ({"400", "409", "413", "415"} if method == "post" else set())
    assert problems <= operation["responses"].keys()
    for status in problems:
        assert set(operation["responses"][status]["content"]) == {"application/problem+json"}
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"]
        assert parameter.get("description") or schema.get("examples") or "enum" in str(schema), parameter[
            "name"
        ]


def test_bodies_have_examples_that_fit():
    for name in ("ReportIn", "WorkIn"):
        schema = API["components"]["schemas"][name]
        whole = {**schema, "components": API["components"]}
        for example in schema["examples"]:
            assert jsonschema_rs.is_valid(whole, example)


def test_the_examples_are_accepted(sender):
    for path, name in (("reports", "ReportIn"), ("works", "WorkIn")):
        (example,) = API["components"]["schemas"][name]["examples"]
        assert sender.post(f"/api/v1/{path}", json=example).status_code in (200, 201)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("how", ["parameter", "method", "host"])
def test_one_shape_of_error(client, path, method, how):
    """RFC 9457 from every route, however it is offended."""
    address = path.replace("{kind}", "grid").replace("{code}", "none").replace("{id}", "none")
    if how == "method":
        answer = client.request("PUT" if "delete" in API["paths"][path] else "DELETE", address)
        assert answer.status_code == 405
        assert answer.headers["allow"]
    elif how == "host":
        answer = client.request(method, address, headers={"host": "elsewhere.example"})
        assert answer.status_code == 421
    else:
        if path == "/healthz":
            return
        answer = client.request(
            method, address, params={"nonsense": "1"}, json={} if method == "post" else None
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "nonsense"
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body.keys() >= {"type", "title", "status", "detail"}
    assert all(isinstance(body[name], str) and body[name] for name in ("type", "title", "detail"))


schema = schemathesis.openapi.from_dict(API)


@schema.parametrize()
@settings(
    max_examples=25,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
def test_asked_at_random(case, busy, sender):
    """No 5xx, and answers are what the description says."""
    if case.query:
        case.query.pop("jurisdiction", None)  # a made-up one would end most requests at the door
    answer = case.call(base_url=busy.url, headers=dict(sender.headers))
    assert answer.status_code < 500, answer.text
    if "geo+json" in answer.headers.get("content-type", [""])[0] or answer.status_code < 300:
        case.validate_response(answer, checks=[response_schema_conformance])


def test_405_names_every_method_of_the_address(client) -> None:
    answer = client.delete("/api/v1/reports")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
