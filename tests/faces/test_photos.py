"""Photos over HTTP: sent as they are, given back plain, within limits of their own."""

from __future__ import annotations

import asyncio
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date

import httpx
import pytest

from gridmap.errors import Busy
from gridmap.faces.darkroom import Darkroom
from gridmap.faces.shapes import wire
from gridmap.people import intake as duties
from gridmap.people import store as people
from gridmap.people.model import Person
from tests.faces.conftest import BODY_LIMIT, TOWN
from tests.faces.test_bad_input import problem
from tests.faces.test_writing import report
from tests.photos.pictures import file, pixels, png, telling, upright
from tests.signing_in import owners

JPEG = telling()
PHOTO_LIMIT = 10 << 20


@pytest.fixture
def address(sender) -> str:
    """Where photos of a new report go."""
    return f"/api/v1/reports/{sender.post('/api/v1/reports', json=report()).json()['id']}/photos"


def send(sender, address, body=JPEG, kind="image/jpeg", **query):
    query = {"client_id": f"photo-{uuid.uuid4()}"} | query
    return sender.post(address, params=query, content=body, headers={"content-type": kind})


def test_created_known_conflict(sender, address):
    first = send(sender, address, client_id="a")
    assert first.status_code == 201
    made = wire.Photo.model_validate_json(first.content)
    assert (made.width, made.height) == (96, 64)
    assert first.headers["location"] == f"/api/v1/photos/{made.id}"
    again = send(sender, address, client_id="a")
    assert (again.status_code, again.json()) == (200, first.json())
    problem(send(sender, address, file(upright()), client_id="a"), "client_id", (409,))
    other = send(sender, address, file(upright(), "PNG"), "image/png")
    assert other.status_code == 201
    listed = sender.get(address)
    wire.PhotoList.model_validate_json(listed.content)
    assert listed.json()["items"] == [first.json(), other.json()]


def test_a_photo_comes_back(sender, address):
    where = send(sender, address).headers["location"]
    full, small = sender.get(where), sender.get(where, params={"size": "small"})
    for answer in (full, small):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert b"SECRET" not in answer.content
    assert full.headers["etag"] != small.headers["etag"]
    assert abs(pixels(full.content) - upright()).mean() < 5
    same = sender.get(where, headers={"if-none-match": full.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    problem(sender.get(where, params={"size": "huge"}), "size")


def test_the_content_says_what_it_is(sender, address):
    """A PNG that a phone calls a JPEG is a photo; a page that calls itself one is not."""
    assert send(sender, address, file(upright(), "PNG"), "image/jpeg").status_code == 201
    for body in (b"<!doctype html><script>alert(1)</script>", b"", b"%PDF-1.7", JPEG[: len(JPEG) // 3]):
        problem(send(sender, address, body), "body", (400,))
    assert len(sender.get(address).json()["items"]) == 1


@pytest.mark.parametrize(
    "kind",
    ["text/html", "multipart/form-data; boundary=x", "application/json", "image/svg+xml", "text/plain"],
)
def test_other_types_are_refused(sender, address, kind):
    """Those among them that a form elsewhere could send."""
    answer = send(sender, address, kind=kind)
    assert answer.status_code == 415
    assert "image/jpeg" in answer.json()["detail"]
    assert sender.get(address).json()["items"] == []


def test_no_such_report_and_no_such_photo(sender):
    for id_ in (uuid.uuid4(), "none", "0"):
        problem(send(sender, f"/api/v1/reports/{id_}/photos"), "id", (404,))
        problem(sender.get(f"/api/v1/reports/{id_}/photos"), "id", (404,))
        problem(sender.get(f"/api/v1/photos/{id_}"), "id", (404,))


@pytest.fixture(scope="module")
def members(busy) -> Iterator[dict[str, httpx.Client]]:
    """Grid members by their grid."""
    with owners(busy.settings) as database, database.writing() as connection:
        for grid in ("G11", "G12"):
            person = f"photographer-{grid}"
            people.put_persons(connection, TOWN.code, [Person(person, "示例甲")], "test")
            desk = duties.open_desk(connection, TOWN)
            duty = duties.checked(
                desk, person=person, post="grid_member", area_code=grid, valid_from=date(2023, 1, 1)
            )
            duties.begin(connection, TOWN, duty, "test")
    with ExitStack() as stack:
        yield {
            grid: stack.enter_context(busy.client("member", f"photographer-{grid}"))
            for grid in ("G11", "G12")
        }


def test_photos_are_for_who_may_see_the_report(members, sender):
    """For anybody else they are not there, the same as the report."""
    place = {"lon": 109.475, "lat": 36.615, "datum": "wgs84"}
    made = sender.post("/api/v1/reports", json=report(location=place))
    address = f"/api/v1/reports/{made.json()['id']}/photos"
    here, elsewhere = members["G11"], members["G12"]
    first = send(here, address, client_id="a")
    assert first.status_code == 201
    where = first.headers["location"]
    assert here.get(where).status_code == here.get(where, params={"size": "small"}).status_code == 200
    assert here.get(address).json()["items"] == [first.json()]
    tag = {"if-none-match": here.get(where).headers["etag"]}
    for answer in (
        elsewhere.get(where),
        elsewhere.get(where, headers=tag),  # not even that it has not changed
        elsewhere.get(address),
        send(elsewhere, address, client_id="a"),
        send(elsewhere, address, client_id="b"),
    ):
        problem(answer, "id", (404,))
    assert len(here.get(address).json()["items"]) == 1


def test_who_sends_a_report_from_elsewhere_sends_its_photos_too(members):
    """A grid member walks past the border of their grid; it is the other one who answers for it."""
    walker, other = members["G11"], members["G12"]
    made = walker.post("/api/v1/reports", json=report())
    assert made.status_code == 201
    where = f"/api/v1/reports/{made.json()['id']}"
    photo = send(walker, f"{where}/photos")
    assert photo.status_code == 201
    assert walker.get(photo.headers["location"]).status_code == walker.get(where).status_code == 200
    for address in (where, f"{where}/photos", photo.headers["location"]):
        problem(other.get(address), "id", (404,))


def test_a_client_id_is_needed(sender, address):
    answer = sender.post(address, content=JPEG, headers={"content-type": "image/jpeg"})
    assert "identifier of your own" in problem(answer, "client_id")["detail"]
    problem(send(sender, address, client_id=""), "client_id")
    problem(send(sender, address, client_id="x" * 129), "client_id")
    problem(send(sender, address, client_id="a\0b"), "client_id")


def test_photos_have_a_limit_of_their_own(sender, address):
    large = JPEG + bytes(PHOTO_LIMIT - len(JPEG))
    assert len(large) > BODY_LIMIT
    assert send(sender, address, large).status_code == 201
    problem(send(sender, address, large + b"\0"), "body", (413,))
    for other in (f"{address}/more", "/api/v1/reports", "/api/v1/photos/x"):
        assert send(sender, other, bytes(BODY_LIMIT + 1)).status_code == 413
    assert len(sender.get(address).json()["items"]) == 1


def test_over_the_limit_by_its_declared_length(busy, sender, address):
    """Refused before a byte of it is sent."""
    host, port = busy.url.removeprefix("http://").split(":")
    who = f"Authorization: {sender.headers['authorization']}"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST {address}?client_id=a HTTP/1.1\r\nHost: {host}\r\nContent-Type: image/jpeg\r\n{who}\r\n"
        connection.sendall(f"{head}Content-Length: {PHOTO_LIMIT + 1}\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


def test_a_sender_who_leaves_stores_nothing(busy, sender, address):
    host, port = busy.url.removeprefix("http://").split(":")
    who = f"Authorization: {sender.headers['authorization']}"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST {address}?client_id=a HTTP/1.1\r\nHost: {host}\r\nContent-Type: image/jpeg\r\n{who}\r\n"
        connection.sendall(f"{head}Content-Length: {len(JPEG)}\r\n\r\n".encode() + JPEG[:-1])
    assert send(sender, address, file(upright()), client_id="a").status_code == 201


def test_a_bomb_is_refused(sender, address):
    answer = send(sender, address, png(20_000, 20_000, 1, 0, bytes(2501 * 20_000)), "image/png")
    assert "million" in problem(answer, "body", (413,))["detail"]


def test_the_darkroom_takes_so_many():
    """Two at once and one who waits; whoever comes more is told so, and a place is free when one is done."""
    inside, most = 0, 0
    go, lock = threading.Event(), threading.Lock()

    def work() -> int:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        assert go.wait(20)
        with lock:
            inside -= 1
        return 7

    async def run() -> None:
        room = Darkroom(at_once=2, waiting_most=1)
        first = [asyncio.create_task(room.run(work)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await room.run(work)
        first[0].cancel()  # its sender has gone; the work has not
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await room.run(work)
        go.set()
        assert await asyncio.gather(*first[1:]) == [7, 7]
        assert await room.run(work) == 7
        with pytest.raises(ZeroDivisionError):
            await room.run(lambda: 1 // 0)
        assert await room.run(work) == 7
        room.close()

    asyncio.run(run())
    assert most == 2
