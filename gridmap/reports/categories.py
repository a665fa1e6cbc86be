"""Categories: the national ones (provisional, see the column `standard`) and local extensions."""

from __future__ import annotations

import csv
import hashlib
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection

from gridmap.errors import BadInput
from gridmap.reports import store
from gridmap.reports.model import Category
from gridmap.text import check_text

UNSORTED = "local-unsorted"  # for files that say nothing about categories


def shipped() -> list[dict[str, Any]]:
    """The shipped categories as rows of their table. Their codes come from one secondary transcription."""
    text = files("gridmap.reports").joinpath("categories.csv").read_text(encoding="utf-8")
    return [
        {**row, "name_en": row["name_en"] or None, "standard": row["standard"] or None, "jurisdiction": None}
        | {flag: row[flag] == "true" for flag in ("provisional", "private")}
        for row in csv.DictReader(text.splitlines())
    ]


def seed(connection: Connection) -> None:
    """Add the shipped categories that are missing."""
    store.add_categories(connection, shipped())


def local_code(name: str) -> str:
    """A lasting code for a category that has only a name: local-own-… keeps apart from the shipped ones."""
    plain = "-".join(name.lower().split())
    if plain.replace("-", "").isalnum() and plain.isascii() and len(plain) <= 40:
        return f"local-own-{plain}"
    return f"local-own-{hashlib.sha256(name.encode()).hexdigest()[:10]}"


def add_local(connection: Connection, jurisdiction: str, name: str) -> str:
    """Make a local category of a jurisdiction from its name; -> its code.

    Raises BadInput(field="category") for a name that cannot be one.
    """
    check_text(name, "category", most=200, least=1, lines=False)
    code = local_code(name)
    row = {"jurisdiction": jurisdiction, "code": code, "kind": "local", "name": name, "name_en": None}
    store.add_categories(connection, [{**row, "standard": None, "provisional": False, "private": False}])
    return code


class Vocabulary:
    """Categories of a jurisdiction, to be found by code or name."""

    def __init__(self, known: list[Category]):
        self._by_code = {c.code: c for c in known}
        self._by_word = {word.casefold(): c for c in known for word in (c.name, c.name_en, c.code) if word}

    def find(self, word: str) -> str | None:
        """The code for a code or a name in either language."""
        hit = self._by_word.get(word.strip().casefold())
        return hit.code if hit else None

    def has(self, code: str) -> bool:
        """Whether it is a known code."""
        return code in self._by_code

    def check(self, code: str) -> str:
        """Raise BadInput(field="category") unless it is a known code."""
        if code in self._by_code:
            return code
        similar = [c for c in self._by_code if code and (code in c or c.split("-", 1)[1] in code)]
        hint = f"did you mean {', '.join(similar[:3])}?" if similar else "GET /api/v1/categories lists them"
        raise BadInput(f"{code[:80]!r} is not a category; {hint}", field="category")


def vocabulary(connection: Connection, jurisdiction: str) -> Vocabulary:
    return Vocabulary(store.categories(connection, jurisdiction))
