"""Binary COPY: every type of column comes back as it went in, NULL where there was nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.database import copying

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MADE = """
    CREATE TEMPORARY TABLE copied (
        n bigint, big bigint, "float" double precision, name text, word text, id uuid, at timestamptz,
        day date, yes boolean, geom geometry(Point, 4326), said jsonb, body bytea, small integer
    ) ON COMMIT DROP
"""
TABLE = 'SELECT big, "float", name, word, id, at, day, yes, geom, said, body, small FROM copied ORDER BY n'
WORDS = ("covers", "附近", "")
plain = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=40)

values = st.fixed_dictionaries(
    {
        "big": st.none() | st.integers(1, 2**63 - 1) | st.integers(-(2**63), -1),
        "float": st.none() | st.floats(allow_nan=False),
        "name": st.none() | plain,
        "word": st.none() | st.sampled_from(WORDS),
        "id": st.uuids(),
        "at": st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 30)),
        "day": st.dates(),
        "yes": st.booleans(),
        "geom": st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
        "said": st.none() | st.lists(st.tuples(plain, st.floats(0, 1)), max_size=3),
        "body": st.binary(min_size=32, max_size=32),
        "small": st.none() | st.integers(-(2**31), 2**31 - 1),
    }
)


def columns(rows: list[dict]) -> dict[str, copying.Column]:
    def of(name: str) -> list:
        return [row[name] for row in rows]

    missing = np.array([value is None for value in of("small")], bool)
    which = [-1 if word is None else WORDS.index(word) for word in of("word")]
    at = [(moment.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) for moment in of("at")]
    lon, lat = np.array([place or (np.nan, np.nan) for place in of("geom")], float).reshape(-1, 2).T
    said = ["\x01" + json.dumps(value) if value is not None else None for value in of("said")]
    return {
        "n": copying.integers(np.arange(len(rows))),
        "big": copying.integers(np.array([value or 0 for value in of("big")], np.int64), null=0),
        "float": copying.floats(np.array([np.nan if v is None else v for v in of("float")], float)),
        "name": copying.texts(of("name")),
        "word": copying.words(np.array(which, np.int64), WORDS),
        "id": copying.fixed(np.frombuffer(b"".join(v.bytes for v in of("id")), np.uint8).reshape(-1, 16)),
        "at": copying.times(np.array(at, np.int64)),
        "day": copying.dates(np.array(of("day"), "datetime64[D]")),
        "yes": copying.booleans(np.array(of("yes"), bool)),
        "geom": copying.points(lon, lat),
        "said": copying.texts(said),
        "body": copying.fixed(np.frombuffer(b"".join(of("body")), np.uint8).reshape(-1, 32)),
        "small": copying.fixed(np.array([v or 0 for v in of("small")], np.int32), missing),
    }


def told(row: dict) -> tuple:
    """What the database should answer."""
    geom = shapely.Point(row["geom"]) if row["geom"] else None
    said = [list(pair) for pair in row["said"]] if row["said"] is not None else None
    at = row["at"].replace(tzinfo=UTC)
    return (*(row[k] for k in ("big", "float", "name", "word", "id")), at, row["day"], row["yes"], geom, said,
            row["body"], row["small"])  # fmt: skip


def read_back(connection) -> list[tuple]:
    rows = []
    for row in connection.execute(sa.text(TABLE)):
        *head, geom, said, body, small = row
        shape = None if geom is None else shapely.from_wkb(geom)
        assert shape is None or shapely.get_srid(shape) == 4326
        rows.append((*head, shape and shapely.set_srid(shape, 0), said, bytes(body), small))
    return rows


@given(rows=st.lists(values, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_rows_come_back(connection, rows) -> None:
    with connection.begin_nested() as here:
        connection.execute(sa.text(MADE))
        copying.copy_rows(connection, "copied", columns(rows))
        assert read_back(connection) == [told(row) for row in rows]
        here.rollback()


def test_many_rows_go_in_parts(connection, monkeypatch) -> None:
    monkeypatch.setattr(copying, "AT_ONCE", 2)
    nothing = {"big": None, "float": None, "geom": None, "said": None, "small": None}
    nothing |= {"id": UUID(int=7), "at": datetime(2023, 6, 18), "day": date(2023, 6, 18), "yes": True}
    rows = [nothing | {"name": "网格" * n, "word": None, "body": bytes([n]) * 32} for n in range(5)]
    connection.execute(sa.text(MADE))
    copying.copy_rows(connection, "copied", columns(rows))
    assert read_back(connection) == [told(row) for row in rows]


def test_a_whole_column_of_nothing(connection) -> None:
    row = {"big": None, "float": None, "name": None, "word": None, "geom": None, "said": None, "small": None}
    row |= {"id": UUID(int=7), "at": datetime(2023, 6, 18), "day": date(2023, 6, 18), "yes": False}
    rows = [row | {"body": bytes(32)}] * 3
    connection.execute(sa.text(MADE))
    copying.copy_rows(connection, "copied", columns(rows) | {"word": copying.words(np.full(3, -1), [])})
    assert read_back(connection) == [told(row) for row in rows]


@pytest.mark.parametrize("texts", [[], ["a"], [None], ["a", None, "", "网格", None]])
def test_an_array_is_a_parameter(connection, texts) -> None:
    cursor = copying.execute(
        connection, "SELECT %(texts)s::text[]", {"texts": copying.Array(copying.texts(texts), "text")}
    )
    assert cursor.fetchone() == (texts,)


def test_arrays_of_every_type(connection) -> None:
    moments = [datetime(1999, 12, 31, 23, tzinfo=UTC), datetime(2023, 6, 18, 20, 30, 0, 1, tzinfo=UTC)]
    micros = np.array([(moment - EPOCH) // timedelta(microseconds=1) for moment in moments])
    arrays = {
        "ids": copying.Array(copying.fixed(np.arange(32, dtype=np.uint8).reshape(2, 16)), "uuid"),
        "at": copying.Array(copying.times(micros), "timestamptz"),
        "bodies": copying.Array(copying.fixed(np.arange(6, dtype=np.uint8).reshape(2, 3)), "bytea"),
    }
    found = copying.execute(
        connection, "SELECT %(ids)s::uuid[], %(at)s::timestamptz[], %(bodies)s::bytea[]", arrays
    ).fetchone()
    assert found[0] == [UUID(bytes=bytes(range(16))), UUID(bytes=bytes(range(16, 32)))]
    assert found[1] == moments
    assert [bytes(body) for body in found[2]] == [b"\0\1\2", b"\3\4\5"]


def test_rows_are_taken_by_their_place(connection) -> None:
    taken = copying.texts(["a", None, "c", "dd"]).take(np.array([3, 1, 0, 3]))
    found = copying.execute(
        connection, "SELECT %(t)s::text[]", {"t": copying.Array(taken, "text")}
    ).fetchone()
    assert found == (["dd", None, "a", "dd"],)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        copying.texts(["a\ud800"])


def test_arrays_under_a_text_come_as_they_are(connection) -> None:
    types = {"day": "i4", "size": "f8"}
    found = copying.fetch_arrays(
        connection,
        "SELECT code, array_agg(day ORDER BY day), array_agg(size ORDER BY day)"
        " FROM (VALUES ('垃圾', 2, 0.5::float8), ('垃圾', -1, 1e300), ('', 7, 'NaN')) v(code, day, size)"
        " WHERE day < %(most)s GROUP BY code ORDER BY code",
        {"most": 7},
        types,
    )
    assert list(found) == ["垃圾"]
    assert found["垃圾"]["day"].tolist() == [-1, 2]
    assert found["垃圾"]["size"].tolist() == [1e300, 0.5]
    assert {name: values.dtype.str[1:] for name, values in found["垃圾"].items()} == types
    assert copying.fetch_arrays(connection, "SELECT '', ARRAY[1] LIMIT 0", {}, {"a": "i4"}) == {}


@pytest.mark.parametrize(
    "array", ["ARRAY[1, NULL]", "NULL::int[]", "ARRAY[1::bigint]", "ARRAY[[1], [2]]", "ARRAY[]::int[]", "1"]
)
def test_arrays_of_another_form_are_refused(connection, array) -> None:
    with pytest.raises(ValueError, match="'a' is no array of i4"):
        copying.fetch_arrays(connection, f"SELECT 'x', {array}", {}, {"a": "i4"})
