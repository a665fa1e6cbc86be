"""The error tree: every refusal that gridmap makes has a code, a title and an HTTP status here.

    GridmapError
    ├── BadInput 422            a value that the caller can mend; names the field
    │   ├── BadCoordinate       not a number, out of range, swapped, too far from every area
    │   ├── BadFile             unreadable, wrong encoding, missing column
    │   │   └── RowsRefused     of an all-or-nothing table; names every row
    │   └── AreasRefused        an area file that failed its check report
    ├── BadBody 400             the request's body is not JSON
    │   └── BadImage            … or no image that can be read
    ├── NotSignedIn 401         no login, token or session, or a wrong one; never says which
    ├── Forbidden 403           seen, but for somebody else to do
    ├── TooLarge 413            a body or file over its limit
    ├── NotFound 404
    ├── Conflict 409            the same client id with another body, an edition out of order
    ├── TooMany 429             of one sort from one sender in a short time: sign-ins that failed
    ├── NotReady 503            migration or loading is still going on, or the service is ending
    ├── Busy 503                others are at the same rows, or too many are waiting
    ├── ProviderUnavailable 503 the OpenID provider does not answer, or not as one
    └── DatabaseUnavailable 503 no server, no PostGIS

Faces render this tree (REST as RFC 9457 problem details, the command line as one red line). Of their own they
add only what HTTP has a name for: 404, 405, 415, 421, and 500 for a fault of ours. Messages are for the
caller: they say what was wrong and what would be right.
"""

from __future__ import annotations

Row = tuple[int, str | None, str]


class GridmapError(Exception):
    """Base of all refusals. `field` names the offending input where there is one."""

    code = "error"
    title = "Something went wrong"
    status = 500

    def __init__(self, message: str, *, field: str | None = None):
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class BadInput(GridmapError):
    code = "bad-input"
    title = "A value is not acceptable"
    status = 422


class BadCoordinate(BadInput):
    code = "bad-coordinate"
    title = "The coordinate is not acceptable"


class BadFile(BadInput):
    code = "bad-file"
    title = "The file cannot be used"


class RowsRefused(BadFile):
    """`rows`: (number, field or None for the row as a whole, message) of each refused row."""

    code = "rows-refused"
    title = "Rows of the file cannot be used"

    def __init__(self, message: str, *, field: str | None = None, rows: tuple[Row, ...] = ()):
        super().__init__(message, field=field)
        self.rows = rows


class AreasRefused(BadInput):
    code = "areas-refused"
    title = "The areas failed their check"


class BadBody(GridmapError):
    code = "bad-body"
    title = "The body is not valid JSON"
    status = 400


class BadImage(BadBody):
    code = "bad-image"
    title = "The image cannot be read"


class NotSignedIn(GridmapError):
    code = "not-signed-in"
    title = "Sign in first"
    status = 401


class Forbidden(GridmapError):
    code = "forbidden"
    title = "This is for somebody else to do"
    status = 403


class TooLarge(GridmapError):
    code = "too-large"
    title = "The body or file is over its limit"
    status = 413


class NotFound(GridmapError):
    code = "not-found"
    title = "There is no such thing"
    status = 404


class Conflict(GridmapError):
    code = "conflict"
    title = "It contradicts what is stored"
    status = 409


class TooMany(GridmapError):
    code = "too-many"
    title = "Too many attempts"
    status = 429


class NotReady(GridmapError):
    code = "not-ready"
    title = "gridmap is not ready"
    status = 503


class Busy(GridmapError):
    code = "busy"
    title = "Too much at once"
    status = 503


class ProviderUnavailable(GridmapError):
    code = "provider-unavailable"
    title = "The sign-in elsewhere cannot be used"
    status = 503


class DatabaseUnavailable(GridmapError):
    code = "database-unavailable"
    title = "The database cannot be used"
    status = 503
