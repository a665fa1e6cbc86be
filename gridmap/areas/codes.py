"""Code rules that a jurisdiction can hold its areas to. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import shapely

from gridmap.errors import BadInput

CODE_RULES = ("cn-grid",)
LENGTHS = {"subdistrict": 9, "community": 12, "grid": 15}
"""Digits of a code by kind: 6 county + 3 subdistrict, + 3 community, + 3 serial inside the community."""


def check_rule(rule: str | None, kind: str) -> None:
    """Raise BadInput(field="code_rule") for an unknown rule, or one that says nothing about this kind."""
    if rule is None:
        return
    if rule not in CODE_RULES:
        raise BadInput(f"{rule!r} is not a code rule; there is {', '.join(CODE_RULES)}", field="code_rule")
    if kind not in LENGTHS:
        raise BadInput(
            f"{rule} is a rule for {', '.join(LENGTHS)}; leave it out for {kind}", field="code_rule"
        )


def code_flaw(code: str, kind: str, *, jurisdiction: str | None, parent: str | None) -> str | None:
    """What breaks the cn-grid rule in one code, or None.

    The code of a subdistrict has 9 digits, of a community 12, of a grid 15, each beginning with the code
    above it. `jurisdiction` counts only when it has the 9 digits of a subdistrict's code itself.
    """
    length = LENGTHS[kind]
    if not re.fullmatch(rf"[0-9]{{{length}}}", code):
        return f"{code!r} is not {length} digits"
    if jurisdiction and re.fullmatch(r"[0-9]{9}", jurisdiction) and not code.startswith(jurisdiction):
        return f"{code} does not begin with the jurisdiction's code {jurisdiction}"
    if parent and code[: length - 3] != parent:
        return f"{code} does not begin with its parent's code {parent}"
    return None


def out_of_order(codes: Sequence[str], geometries: Sequence[Any]) -> list[tuple[int, int]]:
    """Pairs (earlier, later) of grids of one community whose serials contradict "west to east, then north
    to south".

    The rule leaves open whether rows or columns are counted first, and real grids are no checkerboard. What
    contradicts it under any reading is a later number that lies wholly west of an earlier one's centre and
    no farther south than it, centre by centre; only that is reported. Indexes into the sequences given; each
    later grid at most once.
    """
    order = sorted(range(len(codes)), key=lambda i: codes[i])
    boxes = shapely.bounds(list(geometries))
    pairs = []
    for rank, later in enumerate(order):
        _, south, east, north = boxes[later]
        for earlier in order[:rank]:
            west, bottom, right, top = boxes[earlier]
            if east <= (west + right) / 2 and south + north >= bottom + top:
                pairs.append((earlier, later))
                break
    return pairs
