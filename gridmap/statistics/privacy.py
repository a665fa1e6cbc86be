"""Which categories are private to those who handle them, and may not be shown by small area."""

from __future__ import annotations

from gridmap.errors import BadInput

PRIVATE = frozenset({"local-dispute", "local-petition", "local-stability"})


def is_private(category: str) -> bool:
    """Whether where its reports lie is nobody's business but that of those who handle them."""
    return category in PRIVATE


def check_public(category: str, field: str = "category") -> None:
    """Raise BadInput(field) for a private category, where it is asked for by place or small area."""
    if is_private(category):
        raise BadInput(
            f"{category} is private: it is counted for the whole district only, not by place or small area",
            field=field,
        )
