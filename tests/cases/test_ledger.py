"""The hashes: one way to write a move, and no other gives the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.cases.ledger import START, Link, canonical, chain_faults, move_hash
from gridmap.cases.model import Move
from gridmap.cases.workflow import standing_of
from tests.cases.test_workflow import walks

CASE = UUID(int=7)


def chained(moves: list[Move]) -> list[Link]:
    links, before = [], START
    for move in moves:
        links.append(Link(move, before, move_hash(CASE, "j", move, before)))
        before = links[-1].hash
    return links


def more(history: list[Move]) -> list[Move]:
    """Two moves more, so that there is one to take away, and one after it."""
    standing, made = standing_of(history), []
    for _ in range(2):
        made.append(replace(history[-1], seq=standing.seq + 1 + len(made)))
    return made


def test_one_value_is_written_in_one_way() -> None:
    assert canonical({"b": 1, "a": ["上", None]}) == '{"a":["上",null],"b":1}'.encode()
    with pytest.raises(TypeError, match="decimals"):
        canonical({"a": [{"b": 1.5}]})


@given(walks())
def test_a_chain_as_written_has_no_fault(history: list[Move]) -> None:
    assert chain_faults(CASE, "j", chained(history)) == []


@given(walks().map(lambda h: [*h, *more(h)]), st.data())
def test_every_manipulation_of_one_move_shows(history: list[Move], data: st.DataObject) -> None:
    links = chained(history)
    at = data.draw(st.integers(0, len(links) - 2))  # of the last, only a checkpoint tells that it is gone
    old = links[at].move
    edits = {
        "reason": old.reason + "。",
        "actor": "somebody:else",
        "at": old.at + timedelta(microseconds=1),
        "details": {**old.details, "x": 1},
        "target": "closed" if old.target != "closed" else "filed",
    }
    name = data.draw(st.sampled_from(sorted(edits)))
    edited = replace(links[at], move=replace(old, **{name: edits[name]}))
    assert chain_faults(CASE, "j", [*links[:at], edited, *links[at + 1 :]])
    rehashed = replace(edited, hash=move_hash(CASE, "j", edited.move, edited.previous))
    assert chain_faults(CASE, "j", [*links[:at], rehashed, *links[at + 1 :]])
    assert chain_faults(CASE, "j", links[:at] + links[at + 1 :])
    swapped = [
        replace(links[at + 1], move=replace(links[at + 1].move, seq=at + 1)),
        replace(links[at], move=replace(old, seq=at + 2)),
    ]
    assert chain_faults(CASE, "j", [*links[:at], *swapped, *links[at + 2 :]])
    assert chain_faults(UUID(int=8), "j", links)
    assert chain_faults(CASE, "k", links)


@given(walks().filter(bool))
def test_the_clock_of_another_zone_hashes_alike(history: list[Move]) -> None:
    move = history[0]
    there = replace(move, at=move.at.astimezone(timezone(timedelta(hours=8))))
    assert move_hash(CASE, "j", there, START) == move_hash(CASE, "j", move, START)
