"""Columns to PostgreSQL's binary form and back: rows for COPY … (FORMAT binary), arrays as parameters.

The forms are those of the manual (COPY, "Binary Format"; the types' send functions): integers and floats
big-endian, times as microseconds since 2000-01-01 UTC, texts as UTF-8, geometries as EWKB.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no extension
TRAILER = b"\xff\xff"
POSTGRES_EPOCH_US = 946_684_800_000_000  # 2000-01-01, in microseconds since 1970
EWKB_POINT = struct.pack("<BII", 1, 0x20000001, 4326)  # little-endian, a point with an SRID
ARRAY_HEAD = 20  # bytes: dimensions, whether one is NULL, the type, how many, the first one's number
OIDS = {"text": 25, "uuid": 2950, "timestamptz": 1184, "bytea": 17}
AT_ONCE = 20_000  # rows that are encoded for COPY: a few MB
SAID_FIRST = "gridmap_said_first"  # an execution option: what goes ahead of a query, with its values

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Column:
    """n values: `length[i]` bytes of `data` from `start[i]`; a length of −1 is NULL."""

    data: Bytes
    start: NDArray[np.int64]
    length: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def take(self, rows: NDArray[np.intp]) -> Column:
        return Column(self.data, self.start[rows], self.length[rows])

    def part(self, some: slice) -> Column:
        return Column(self.data, self.start[some], self.length[some])

    def rows(self, width: int) -> Bytes:
        """(n, width) bytes of values that are all as wide."""
        return self.data[self.start[:, None] + np.arange(width)]


def fixed(values: NDArray[Any], missing: NDArray[np.bool_] | None = None) -> Column:
    """Numbers, or rows of bytes (n, width); in the byte order of PostgreSQL already or native numbers."""
    if values.dtype.kind in "if" and values.ndim == 1:
        values = values.astype(values.dtype.newbyteorder(">"))
    rows = np.ascontiguousarray(values)
    count, width = len(rows), rows.nbytes // max(len(rows), 1)
    length = np.full(count, width, np.int64)
    if missing is not None:
        length[missing] = -1
    return Column(rows.view(np.uint8).reshape(-1), np.arange(count, dtype=np.int64) * width, length)


def floats(values: NDArray[np.float64]) -> Column:
    """NaN is NULL."""
    return fixed(values, np.isnan(values))


def integers(values: NDArray[np.int64], *, null: int | None = None) -> Column:
    return fixed(values.astype(np.int64), None if null is None else values == null)


def times(microseconds: NDArray[np.int64]) -> Column:
    """Moments as microseconds since 1970-01-01 UTC."""
    return fixed(microseconds - POSTGRES_EPOCH_US)


def dates(days: NDArray[np.datetime64]) -> Column:
    since_2000 = days.astype("datetime64[D]").astype(np.int64) - POSTGRES_EPOCH_US // 86_400_000_000
    return fixed(since_2000.astype(np.int32))


def points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Column:
    """WGS-84 degrees as geometries; NaN is NULL."""
    rows = np.empty((len(lon), len(EWKB_POINT) + 16), np.uint8)
    rows[:, : len(EWKB_POINT)] = np.frombuffer(EWKB_POINT, np.uint8)
    rows[:, len(EWKB_POINT) :] = np.column_stack([lon, lat]).astype("<f8").view(np.uint8)
    return fixed(rows, np.isnan(lon))


def texts(values: Sequence[str | None]) -> Column:
    """Raises UnicodeEncodeError for a lone surrogate."""
    import pyarrow as pa  # 25 MB, which those who only read need not have

    array = pa.array(values, pa.large_string())
    _, offsets, data = array.buffers()
    start = np.frombuffer(offsets, np.int64, len(values) + 1)
    length = np.diff(start)
    if array.null_count:
        length = np.where(array.is_null().to_numpy(zero_copy_only=False), -1, length)
    return Column(np.frombuffer(data or b"", np.uint8), start[:-1], length)


def words(which: NDArray[np.integer[Any]], vocabulary: Sequence[str]) -> Column:
    """Texts that repeat: the word of `vocabulary` for each index, NULL for −1."""
    known = texts(vocabulary)
    if not len(known):
        return Column(known.data, np.zeros(len(which), np.int64), np.full(len(which), -1, np.int64))
    return Column(known.data, known.start[which], np.where(which < 0, -1, known.length[which]))


def booleans(values: NDArray[np.bool_]) -> Column:
    return fixed(values.astype(np.uint8).reshape(-1, 1))


def encode(columns: Sequence[Column]) -> Bytes:
    """The rows of some columns of n values, each with its count of fields, without header and trailer."""
    from gridmap.database.rowbytes import put  # numba takes a moment to import

    lengths = np.sum([np.maximum(column.length, 0) for column in columns], axis=0)
    ends = np.cumsum(lengths + 2 + 4 * len(columns))
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    at = np.concatenate([[0], ends[:-1]]).astype(np.int64) if len(ends) else np.empty(0, np.int64)
    out[at] = len(columns) >> 8
    out[at + 1] = len(columns) & 255
    at += 2
    for column in columns:
        put(out, at, column.data, column.start, column.length)
    return out


def copy_rows(connection: Connection, table: str, columns: Mapping[str, Column]) -> None:
    """COPY n rows, given by columns, into a table.

    A role that policies hold for may not: its rows are copied aside and inserted from there. That takes about
    twice as long, and concerns servers where gridmap is no superuser.
    """
    if not _guarded(connection, table):
        _copy(connection, table, columns)
        return
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    into, aside = sql.Identifier(table), sql.Identifier("gridmap_aside")
    make = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    insert = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(into, names, names, aside)
    with as_sqlalchemy(connection, insert):
        driver_of(connection).execute(make.format(aside, names, into))
        _copy(connection, "gridmap_aside", columns)
        driver_of(connection).execute(insert)
        driver_of(connection).execute(sql.SQL("DROP TABLE {}").format(aside))


_policies_hold: WeakKeyDictionary[Engine, dict[str, bool]] = WeakKeyDictionary()


def _guarded(connection: Connection, table: str) -> bool:
    """Whether policies hold for who is connected; that stays so for an engine."""
    known = _policies_hold.setdefault(connection.engine, {})
    if table not in known:
        row = driver_of(connection).execute("SELECT row_security_active(%s::text)", (table,)).fetchone()
        known[table] = bool(row and row[0])
    return known[table]


def _copy(connection: Connection, table: str, columns: Mapping[str, Column]) -> None:
    driver = driver_of(connection)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table), names)
    with as_sqlalchemy(connection, statement), driver.cursor().copy(statement) as copy:
        copy.write(HEADER)
        for start in range(0, len(next(iter(columns.values()))), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            copy.write(encode([column.part(some) for column in columns.values()]).tobytes())
        copy.write(TRAILER)


def fetch_columns(
    connection: Connection, query: str, parameters: Mapping[str, Any], types: Mapping[str, str]
) -> dict[str, NDArray[Any]]:
    """The rows of a query with %(name)s parameters, as arrays: for hundreds of thousands of rows of numbers.

    `types`: the query's columns in their order, as NumPy types as wide as those of PostgreSQL ("i4" for an
    integer, "i8" for a bigint, "f8"); none of them may be NULL. Raises ValueError for rows of another form.
    The rows come as one value (at most 1 GB, with 8 bytes beside each field): COPY hands them over one by
    one, which took twice as long.
    """
    # each row as its type's send function has it: the number of fields; type, length and bytes of each
    whole = sql.SQL("SELECT string_agg(record_send(q), ''::bytea) FROM ({}) q")
    statement = whole.format(sql.SQL(query))
    (data,) = _asked(connection, statement.as_string(), parameters).fetchone() or (None,)
    fields: list[tuple[str, str]] = [("fields", ">i4")]
    for name, type_ in types.items():
        fields += [(f"{name} type", ">i4"), (f"{name} length", ">i4"), (name, f">{type_}")]
    row = np.dtype(fields)
    data = data or b""
    if len(data) % row.itemsize:
        raise ValueError(f"the rows of {query!r} are not {dict(types)}, or some value is NULL")
    rows = np.frombuffer(data, row)
    for name, type_ in types.items():
        if (rows[f"{name} length"] != np.dtype(type_).itemsize).any():
            raise ValueError(f"{name!r} of {query!r} is not {type_}")
    return {name: rows[name].astype(type_) for name, type_ in types.items()}


def fetch_arrays(
    connection: Connection, query: str, parameters: Mapping[str, Any], types: Mapping[str, str]
) -> dict[str, dict[str, NDArray[Any]]]:
    """The rows of a query, each a text and arrays beside it, as the arrays under that text.

    `types`: the names of the arrays in their order, and their elements as in `fetch_columns`; none is NULL.
    Half of what as many rows of numbers cost: nothing is said of each but its length. Raises ValueError for
    arrays of another form.
    """
    result = _asked(connection, query, parameters).pgresult
    assert result is not None
    found = {}
    for row in range(result.ntuples):
        key = result.get_value(row, 0) or b""
        found[key.decode()] = {
            name: _elements(result.get_value(row, place) or b"", name, type_)
            for place, (name, type_) in enumerate(types.items(), 1)
        }
    return found


def _asked(connection: Connection, query: str, parameters: Mapping[str, Any]) -> psycopg.Cursor[Any]:
    """A query's result in binary form; what Database.asking has to say first goes with it."""
    first = connection.get_execution_options().get(SAID_FIRST, ())
    driver = driver_of(connection)
    cursor = driver.cursor(binary=True)
    with as_sqlalchemy(connection, query), driver.pipeline() if first else nullcontext():
        for statement, values in first:
            driver.execute(statement, values)
        cursor.execute(query, parameters, prepare=False)
    return cursor


def _elements(data: bytes, name: str, type_: str) -> NDArray[Any]:
    """An array of one dimension as its type's send function has it."""
    each = np.dtype([("length", ">i4"), ("value", f">{type_}")])
    head, size = np.frombuffer(data[:ARRAY_HEAD], ">i4"), max(0, len(data) - ARRAY_HEAD)
    if len(head) != ARRAY_HEAD // 4 or head[0] != 1 or size != head[3] * each.itemsize:
        raise ValueError(f"{name!r} is no array of {type_}, or some value is NULL")
    values = np.frombuffer(data, each, offset=ARRAY_HEAD)
    if (values["length"] != np.dtype(type_).itemsize).any():
        raise ValueError(f"{name!r} is no array of {type_}, or some value is NULL")
    return values["value"].astype(type_)


@dataclass(frozen=True, slots=True)
class Array:
    """A column as a one-dimensional array parameter of a type in OIDS."""

    column: Column
    type: str


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        rows = encode([obj.column])
        # the same bytes as rows of one field, less the two bytes that count the fields
        keep = np.ones(len(rows), bool)
        width = np.maximum(obj.column.length, 0) + 6
        heads = np.cumsum(width) - width
        keep[heads] = keep[heads + 1] = False
        head = struct.pack(
            ">iiIii", 1, int((obj.column.length < 0).any()), OIDS[obj.type], len(obj.column), 1
        )
        return head + rows[keep].tobytes()


def execute(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> psycopg.Cursor[Any]:
    """Run a statement with %(name)s parameters, Arrays among them; they need a cast such as ::text[]."""
    cursor = driver_of(connection).cursor()
    cursor.adapters.register_dumper(Array, _ArrayDumper)
    with as_sqlalchemy(connection, statement):
        return cursor.execute(statement, parameters)


@contextmanager
def as_sqlalchemy(connection: Connection, statement: object) -> Iterator[None]:
    """Errors of the driver as everywhere else: faults.py knows them by SQLAlchemy's classes."""
    try:
        yield
    except psycopg.Error as error:
        raise DBAPIError.instance(
            str(statement), None, error, psycopg.Error, dialect=connection.dialect
        ) from error


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
