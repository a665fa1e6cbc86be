"""Which categories are private to those who handle them, and may not be shown by small area."""

from __future__ import annotations

from sqlalchemy import Connection

from gridmap.errors import BadInput

PRIVATE = ("local-dispute", "local-petition", "local-stability")


def private(connection: Connection, jurisdiction: str) -> tuple[str, ...]:
    """Codes of the categories of which where a report lies is the business of those alone who handle it."""
    return PRIVATE


def check_public(connection: Connection, jurisdiction: str, category: str, field: str = "category") -> None:
    """Raise BadInput(field) for a private category, where it is asked for by place or small area."""
    if category in private(connection, jurisdiction):
        raise BadInput(
            f"{category} is private: it is counted for the whole district only, not by place or small area",
            field=field,
        )
