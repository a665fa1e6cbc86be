"""Values as they arrive on HTTP, read strictly: what a careless parser would take for a number is refused.

Types for query strings and JSON bodies, and the few parsers that need a jurisdiction. What a value *means*
(ranges of coordinates, the 200 km, known categories) is checked in the domains.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from gridmap.errors import BadCoordinate, BadInput, NotFound
from gridmap.reports.times import WIDEST_OFFSET
from gridmap.statistics.months import parse_month

# RFC 8259's number, with the leading + and the bare decimals (.5) that people type left out
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII,
)
YEARS = range(2, 9999)  # one less at each end than Python has: a shift by a zone or a day stays inside


def _refuse(kind: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(kind, message)


def decimal_text(value: Any) -> float:
    """A float from plain decimal text; nan, inf, 1e400, 1_0, hex, other digits and blanks are refused."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise _refuse("decimal", "must be a plain decimal number such as 109.4747")
    return _finite(float(value))


def json_number(value: Any) -> float:
    """A float from a JSON number; text, true and null are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refuse("number", "must be a JSON number such as 109.4747, without quotes")
    return _finite(float(value))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise _refuse("finite", "must be a finite number")
    return value


def whole_text(value: Any) -> int:
    """An int from decimal digits."""
    if isinstance(value, int) and not isinstance(value, bool):  # the default
        return value
    if not isinstance(value, str) or not _WHOLE.fullmatch(value):
        raise _refuse("whole", "must be a whole number such as 100")
    return int(value)


Edge = Query(description="A day (both included) or a time with its offset (`to` not included).")


def an_id(text: str, of: str) -> UUID:
    """The id in an address. Raises NotFound(field="id") for what is none: there is no such thing then."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"there is no such {of}", field="id") from None


def yes_or_no(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise _refuse("bool", "must be true or false")
    return bool(value == "true")


def moment_text(value: Any) -> datetime:
    """A datetime from RFC 3339 text, of the YEARS and with an offset that PostgreSQL takes too.

    Without an offset it comes out naive, for the domain to refuse.
    """
    try:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise ValueError
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        raise _refuse("moment", "must be a time with its offset such as 2023-06-15T08:30:00+08:00") from None
    _check_year(moment.year)
    if abs(moment.utcoffset() or timedelta()) >= WIDEST_OFFSET:
        raise _refuse("offset", "has an offset of 16 hours or more, which no place has")
    return moment


def day_text(value: Any) -> date:
    """A date from YYYY-MM-DD, of the YEARS."""
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        day = date.fromisoformat(value)
    except ValueError:
        raise _refuse("day", "must be a day such as 2023-06-15") from None
    _check_year(day.year)
    return day


def _check_year(year: int) -> None:
    if year not in YEARS:
        raise _refuse("year", f"must lie in the years {YEARS[0]} to {YEARS[-1]}")


def one_line(value: str) -> str:
    """Text without line breaks and tabs; the domains refuse the other control characters."""
    if any(character in value for character in "\n\r\t"):
        raise _refuse("line", "must be one line of text")
    return value


Line = Annotated[str, AfterValidator(one_line)]
DatumName = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
DATUM_WORDS = "Coordinate system of lon and lat; never guessed."
_LON = {"examples": [109.4747], "json_schema_extra": {"minimum": -180, "maximum": 180}}
_LAT = {"examples": [36.6201], "json_schema_extra": {"minimum": -90, "maximum": 90}}

QueryLon = Annotated[float, BeforeValidator(decimal_text), Query(description="Longitude, degrees.", **_LON)]
QueryLat = Annotated[float, BeforeValidator(decimal_text), Query(description="Latitude, degrees.", **_LAT)]
QueryDatum = Annotated[DatumName, Query(description=DATUM_WORDS, examples=["gcj02"])]
QueryMetres = Annotated[float | None, BeforeValidator(lambda v: v if v is None else decimal_text(v))]
QueryWhole = Annotated[int | None, BeforeValidator(lambda v: v if v is None else whole_text(v))]
JsonLon = Annotated[float, BeforeValidator(json_number), Field(description="Longitude, degrees.", **_LON)]
JsonLat = Annotated[float, BeforeValidator(json_number), Field(description="Latitude, degrees.", **_LAT)]
JsonNumber = Annotated[float, BeforeValidator(json_number)]
JsonMoment = Annotated[datetime, BeforeValidator(moment_text)]
JsonDay = Annotated[date, BeforeValidator(day_text)]
Limit = Annotated[
    int, BeforeValidator(whole_text), Query(ge=1, le=1000, description="How many at most, 1 to 1000.")
]
After = Annotated[str | None, Query(description="`next` of the page before.", max_length=500)]
Flag = Annotated[bool | None, BeforeValidator(yes_or_no)]
Day = Annotated[
    str | None,
    Query(description="As of this day (YYYY-MM-DD); default today.", examples=["2023-06-15"]),
]
Bbox = Annotated[
    str | None,
    Query(
        description="west,south,east,north in WGS-84 degrees: keep what touches it.",
        examples=["109.44,36.58,109.52,36.66"],
    ),
]
Include = Annotated[
    str | None,
    Query(
        description="Doubts that are not left out of surface and stars: pile, whole_degree, uncertain.",
        examples=["pile,uncertain"],
        max_length=100,
    ),
]
AsOf = Annotated[
    str | None,
    Query(
        description="As was known at this moment of recording (with its offset), or at the end of this day.",
        examples=["2023-07-02", "2023-07-02T09:00:00+08:00"],
    ),
]
_EDITION = Query(description="An edition of grids, to re-cut to; `gridmap areas list` numbers them.")
Edition = Annotated[int, BeforeValidator(whole_text), _EDITION]
EditionId = Annotated[
    int | None, BeforeValidator(lambda value: value if value is None else whole_text(value)), _EDITION
]
Month = Annotated[
    str | None, Query(description="A month of the jurisdiction's time zone.", examples=["2023-06"])
]


def box(text: str | None) -> tuple[float, float, float, float] | None:
    """West, south, east, north. Raises BadCoordinate(field="bbox")."""
    if text is None:
        return None
    parts = text.split(",")
    try:
        west, south, east, north = (decimal_text(part) for part in parts)
    except (ValueError, PydanticCustomError):
        raise BadCoordinate(
            "give four plain decimals: west,south,east,north, as 109.44,36.58,109.52,36.66", field="bbox"
        ) from None
    if abs(south) > 90 or abs(north) > 90:
        hint = "; lon comes first" if abs(west) <= 90 and abs(east) <= 90 else ""
        raise BadCoordinate(f"south and north lie between -90 and 90{hint}", field="bbox")
    if abs(west) > 180 or abs(east) > 180:
        raise BadCoordinate("west and east lie between -180 and 180", field="bbox")
    if west > east or south > north:
        raise BadCoordinate("west must not be east of east, nor south north of north", field="bbox")
    return west, south, east, north


def a_day(text: str | None, field: str = "day") -> date | None:
    """Raises BadInput(field) unless it is YYYY-MM-DD of the YEARS."""
    if text is None:
        return None
    try:
        return day_text(text)
    except PydanticCustomError as error:
        raise BadInput(str(error.message()), field=field) from None


def a_month(text: str | None, field: str) -> date | None:
    """The first day of the month. Raises BadInput(field) unless it is YYYY-MM."""
    if text is None:
        return None
    try:
        return parse_month(text)
    except BadInput as error:
        raise BadInput(error.message, field=field) from None


def a_moment(text: str | None, field: str) -> datetime | None:
    """An aware datetime that any zone can show. Raises BadInput(field)."""
    if text is None:
        return None
    try:
        moment = moment_text(text)
        if moment.tzinfo is None:
            raise _refuse(
                "moment", "must carry an offset, as 2023-06-15T08:30:00+08:00 (a + is %2B in a URL)"
            )
    except PydanticCustomError as error:
        raise BadInput(error.message(), field=field) from None
    return moment


def span(
    month: str | None, first: str | None, last: str | None, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """[first, last) of `month`, or of the days `first` to `last`, both included, or of two moments."""
    if month is not None:
        if first is not None or last is not None:
            raise BadInput("give a month, or from and to, not both", field="month")
        start = parse_month(month)
        end = (start + timedelta(days=32)).replace(day=1)
        return _midnight(start, zone), _midnight(end, zone)
    bounds = _edge(first, "from", zone, 0), _edge(last, "to", zone, 1)
    if bounds[0] and bounds[1] and bounds[0] >= bounds[1]:
        raise BadInput("must be before `to`", field="from")
    return bounds


def known_at(text: str | None, zone: ZoneInfo) -> datetime | None:
    """A moment, or the end of a day. Raises BadInput(field="as_of")."""
    return _edge(text, "as_of", zone, 1)


def _edge(text: str | None, field: str, zone: ZoneInfo, days: int) -> datetime | None:
    if text is None:
        return None
    if _MOMENT.fullmatch(text):
        return a_moment(text, field)
    if not _DAY.fullmatch(text):
        raise BadInput(
            "must be a day such as 2023-06-15, or a time with its offset such as 2023-06-15T08:30:00%2B08:00",
            field=field,
        )
    day = a_day(text, field)
    assert day is not None
    return _midnight(day + timedelta(days=days), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
