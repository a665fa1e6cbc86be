"""Pages of a list: nothing lost, nothing twice, and no cursor but our own."""

from __future__ import annotations

import base64

import pytest

from gridmap.errors import BadInput
from gridmap.faces.shapes.cursors import cursor, position
from tests.faces.conftest import REPORTS


def pages(client, path, rows, **query):
    after, seen, count = None, [], 0
    while True:
        answer = client.get(path, params={**query, **({"after": after} if after else {})})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page[rows]) <= query["limit"]
        seen += page[rows]
        count += 1
        after = page["next"]
        if after is None:
            return seen, count


@pytest.mark.parametrize("limit", [1, 7, 30, 1000])
def test_reports(client, limit):
    seen, count = pages(
        client, "/api/v1/reports", "items", limit=limit, **{"from": "2023-05-01", "to": "2023-07-29"}
    )
    assert [item["client_id"] for item in seen] == [f"town-{n}" for n in reversed(range(REPORTS))]
    assert count == max(1, -(-REPORTS // limit))


@pytest.mark.parametrize("limit", [1, 2, 5, 20, 1000])
def test_areas_over_all_kinds(client, limit):
    seen, _ = pages(client, "/api/v1/areas", "features", limit=limit)
    keys = [(f["properties"]["kind"], f["properties"]["code"]) for f in seen]
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys)) == 1 + 3 + 12 + 2 + 1


def test_places(client):
    seen, count = pages(client, "/api/v1/places", "features", limit=2)
    assert len({f["properties"]["code"] for f in seen}) == len(seen) == 5
    assert count == 3


def test_reports_of_one_moment_are_paged_too(sender):
    """The moment alone does not tell them apart."""
    for number in range(5):
        body = {
            "client_id": f"same-moment-{number}",
            "category": "matter-06011",
            "occurred_at": "2021-03-01T12:00:00+08:00",
            "location": {"lon": 109.465, "lat": 36.605, "datum": "wgs84"},
        }
        assert sender.post("/api/v1/reports", json=body).status_code in (200, 201)
    seen, _ = pages(sender, "/api/v1/reports", "items", limit=2, month="2021-03")
    assert sorted(item["client_id"] for item in seen) == [f"same-moment-{number}" for number in range(5)]


def test_a_cursor_comes_back_as_it_went():
    assert position("things", cursor("things", "网格", 3), str, int) == ("网格", 3)
    assert position("things", None, str) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "网格",
        "=",
        "a" * 499,
        cursor("others", "a", 1),
        cursor("things", "a"),
        cursor("things", "a", "b"),
    ],
)
def test_other_cursors_are_refused(text):
    with pytest.raises(BadInput) as caught:
        position("things", text, str, int)
    assert caught.value.field == "after"


def test_every_flipped_bit_is_noticed(client):
    good = client.get("/api/v1/reports", params={"limit": 1}).json()["next"]
    raw = base64.urlsafe_b64decode(good + "=" * (-len(good) % 4))
    for index in range(len(raw)):
        bad = bytearray(raw)
        bad[index] ^= 1
        text = base64.urlsafe_b64encode(bytes(bad)).rstrip(b"=").decode()
        with pytest.raises(BadInput):
            position("reports", text, str, str)
    answer = client.get("/api/v1/reports", params={"limit": 1, "after": text})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "after"
