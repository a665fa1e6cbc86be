"""Publishing a package: the next number of its month, unless it is what was published last."""

from __future__ import annotations

from sqlalchemy import Connection

from gridmap.bulletin.archive import store
from gridmap.bulletin.archive.model import Bulletin
from gridmap.bulletin.packing.model import SOFTWARE, Package, sha256


def publish(connection: Connection, made: Package, by: str) -> tuple[Bulletin, bool]:
    """-> (the bulletin, whether it is new). Whole or not at all: all of it in the caller's transaction.

    Of the same data nothing is added: the last number's files are these very bytes. Of other data a new
    number is, and the old one stays.
    """
    store.one_at_a_time(connection)
    sums = {name: sha256(body) for name, body in made.files.items()}
    last = store.find(connection, made.jurisdiction, made.month, made.lang)
    if last is not None and store.sums(connection, last) == sums:
        return last, False
    values = {
        "jurisdiction": made.jurisdiction,
        "month": made.month,
        "lang": made.lang,
        "number": 1 if last is None else last.number + 1,
        "published_at": store.moment(connection),
        "published_by": by,
        "as_of": made.read_at,
        "software": SOFTWARE,
        "manifest": made.manifest,
    }
    files = {name: (sums[name], body) for name, body in made.files.items()}
    return store.add(connection, values, files), True
