"""The vocabulary of posts: what a person can be, for which kinds of area (posts.csv)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from importlib.resources import files

from sqlalchemy import Connection

from gridmap.errors import BadInput
from gridmap.people import store
from gridmap.people.model import DUTY_KINDS, Post


def shipped() -> list[Post]:
    """The posts that gridmap brings (posts.csv)."""
    text = (files("gridmap.people") / "posts.csv").read_text(encoding="utf-8")
    return [
        Post(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            areas=tuple(row["areas"].split()),
            chain=int(row["chain"]) if row["chain"] else None,
            parties=tuple(row["parties"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    ]


def seed(connection: Connection) -> None:
    """Bring the shipped posts, and their names, into the database. Posts of the user's own stay."""
    store.put_posts(connection, shipped())


def find(known: Mapping[str, Post], word: str) -> Post:
    """A post by its code, or its Chinese or English name. Raises BadInput(field="post") with those known."""
    if word in known:
        return known[word]
    plain = word.strip().casefold()
    for post in known.values():
        if plain in (post.code, post.name.casefold(), post.name_en.casefold()):
            return post
    listed = ", ".join(f"{post.code} ({post.name})" for post in known.values())
    raise BadInput(f"{word[:60]!r} is not a post; there are {listed}", field="post")


def area_kind(post: Post, word: str | None) -> str:
    """The kind of area that a duty is for, given as code, Chinese or English name; not needed where the post
    knows only one. Raises BadInput(field="area_kind")."""
    if not word:
        if len(post.areas) == 1:
            return post.areas[0]
        raise BadInput(f"a {post.name_en} is for {' or '.join(post.areas)}; say which", field="area_kind")
    plain = word.strip().casefold()
    kinds = [kind for kind, names in DUTY_KINDS.items() if plain in (kind, names[0], names[1].casefold())]
    if not kinds or kinds[0] not in post.areas:
        text = f"{word[:40]!r} is not what a {post.name_en} is for; that is {' or '.join(post.areas)}"
        raise BadInput(text, field="area_kind")
    return kinds[0]
