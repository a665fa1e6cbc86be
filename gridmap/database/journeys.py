"""Several statements in one journey to the server: psycopg's pipeline mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from gridmap.database.copying import as_sqlalchemy, driver_of


def one_journey(
    connection: Connection, statements: Sequence[tuple[str, Mapping[str, Any]]]
) -> list[tuple[Any, ...] | None]:
    """Run statements with %(name)s parameters, one after the other; -> the first row of each.

    Each sees what others committed before it began, as if it had been sent alone. Where one fails the later
    ones are not run, and its error is raised.
    """
    driver = driver_of(connection)
    with as_sqlalchemy(connection, statements[-1][0]):
        with driver.pipeline():
            cursors = [driver.execute(text, values) for text, values in statements]
        return [cursor.fetchone() if cursor.description else None for cursor in cursors]
