"""The vocabulary of work records: what is counted, and in which unit."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from importlib.resources import files

from sqlalchemy import Connection

from gridmap.errors import BadInput
from gridmap.works import store
from gridmap.works.model import WorkKind


def shipped() -> list[WorkKind]:
    """The kinds that gridmap brings (kinds.csv)."""
    text = (files("gridmap.works") / "kinds.csv").read_text(encoding="utf-8")
    return [WorkKind(**row) for row in csv.DictReader(text.splitlines())]


def seed(connection: Connection) -> None:
    """Bring the shipped kinds, and their names, into the database. Kinds of the user's own stay."""
    store.put_kinds(connection, shipped())


def find(known: Mapping[str, WorkKind], word: str) -> WorkKind:
    """A kind by its code, or its Chinese or English name. Raises BadInput(field="kind") with near ones."""
    if word in known:
        return known[word]
    plain = word.strip().casefold()
    for kind in known.values():
        if plain in (kind.code, kind.name.casefold(), kind.name_en.casefold()):
            return kind
    raise BadInput(f"{word[:60]!r} is not a kind of work; there are {', '.join(sorted(known))}", field="kind")
