"""What stands before the routes: names of the host, sizes of bodies, headers, faults of ours."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from gridmap.faces.entrance.guards import BodyLimit, HostCheck, LastResort, SecurityHeaders
from tests.faces.conftest import BODY_LIMIT
from tests.faces.test_writing import report


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_our_names(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.", "10.0.0.1", ""]
)
def test_other_names(client, host):
    """Else a page elsewhere could read the service by pointing its own name at 127.0.0.1."""
    answer = client.get("/api/v1/areas", headers={"host": host})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


async def _called(middleware, headers, scheme="http"):
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/api/x", "query_string": b"", "headers": headers}
    await middleware(scope | {"scheme": scheme}, None, send)
    return sent[0]


@pytest.mark.parametrize(
    ("bound", "allowed", "host", "status"),
    [
        ("192.168.1.5", "", b"192.168.1.5:8000", 200),
        ("fd00::1", "", b"[fd00::1]:8000", 200),
        ("192.168.1.5", "", b"192.168.1.6", 421),
        ("0.0.0.0", "", b"office.example", 200),
        ("127.0.0.1", "office.example", b"Office.example", 200),
        ("127.0.0.1", "office.example", b"127.0.0.1:8000", 200),
        ("127.0.0.1", "office.example", b"evil.example", 421),
        ("0.0.0.0", "office.example,[fd00::1]", b"[fd00::1]:8443", 200),
        ("0.0.0.0", "office.example", b"evil.example", 421),
        ("0.0.0.0", "office.example", b"0.0.0.0", 421),
        ("0.0.0.0", "office.example", b"", 421),
        ("::", "office.example", b"::", 421),
    ],
)
def test_a_configured_host(bound, allowed, host, status):
    checked = HostCheck(_app, host=bound, allowed=frozenset(filter(None, allowed.split(","))))
    assert asyncio.run(_called(checked, [(b"host", host)]))["status"] == status


async def _app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})


@pytest.mark.parametrize(("scheme", "strict"), [("https", True), ("http", False)])
def test_only_what_came_over_tls_demands_it(scheme, strict):
    """Over plain HTTP it would mean nothing, and behind a proxy that is not named nobody may claim it."""
    headers = dict(asyncio.run(_called(SecurityHeaders(_app), [], scheme))["headers"])
    assert (b"strict-transport-security" in headers) == strict


def test_body_over_the_limit_by_its_declared_length(town, client):
    """Refused before a byte of it is sent."""
    host, port = town.url.removeprefix("http://").split(":")
    who = f"Authorization: {client.headers['authorization']}"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST /api/v1/reports HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{who}\r\n"
        connection.sendall(f"{head}Content-Length: {64 << 20}\r\n\r\n".encode())
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in answer


def test_body_over_the_limit_in_chunks(town, client):
    """Refused at the limit, with the sender still sending."""
    host, port = town.url.removeprefix("http://").split(":")
    who = f"Authorization: {client.headers['authorization']}"
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST /api/v1/reports HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{who}\r\n"
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(BODY_LIMIT // 0x4000 + 1):
            connection.sendall(chunk)
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("path", ["/api/v1/reports", "/api/v1/works"])
def test_the_limit_itself_is_allowed(client, path):
    for size, statuses in ((BODY_LIMIT, {422}), (BODY_LIMIT + 1, {413})):
        body = json.dumps(report(colour="red")).encode()
        padded = body + b" " * (size - len(body))
        answer = client.post(path, content=padded, headers={"content-type": "application/json"})
        assert answer.status_code in statuses


def test_nothing_is_kept_of_a_refused_body():
    """The route stops reading at the limit: what it has seen is at most one message more."""
    seen = []

    async def app(scope, receive, send):
        while (message := await receive())["type"] == "http.request":
            seen.append(len(message["body"]))

    async def run():
        async def receive():
            return {"type": "http.request", "body": b"x" * 100, "more_body": True}

        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/api/x", "query_string": b"", "headers": []}
        await BodyLimit(app, limit=1000)(scope, receive, send)
        return sent[0]["status"]

    assert asyncio.run(run()) == 413
    assert sum(seen) == 1000


def test_a_fault_of_ours_shows_nothing_of_it(caplog):
    async def app(scope, receive, send):
        raise RuntimeError("secret of the house")

    async def run():
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/api/x", "query_string": b"", "headers": []}
        await LastResort(app)(scope, None, send)
        return sent

    start, body = asyncio.run(run())
    assert start["status"] == 500
    assert (b"content-type", b"application/problem+json") in start["headers"]
    assert b"secret" not in body["body"]


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/areas", "/nothing", "/api/v1/locate", "/static/pages.css", "/healthz"]
)
def test_headers_on_every_answer(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy  # no other host
    assert "unsafe-inline" not in policy
    assert ("script-src 'self'" in policy) == headers["content-type"].startswith("text/html")
    assert "access-control-allow-origin" not in headers
