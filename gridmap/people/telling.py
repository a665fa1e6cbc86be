"""Who answers, as plain values for the wire: the same from the service and the command line."""

from __future__ import annotations

from typing import Any

from gridmap.people.chain import Step, Who


def told(who: Who, *, people: bool) -> dict[str, Any]:
    """The chain, nearest first, and who answers. Without `people` nobody is named: only whether a post is
    vacant is told."""
    answers = who.answers
    return {
        "chain": [_step(step, people) for step in who.steps],
        "answers": None if answers is None else {"post": answers.post.code, "area": answers.level.code},
        "fallback": who.fallback,
    }


def _step(step: Step, people: bool) -> dict[str, Any]:
    level = step.level
    return {
        "post": step.post.code,
        "name": step.post.name,
        "area": {"kind": level.kind, "code": level.code, "name": level.name},
        "vacant": step.vacant,
        "holders": [
            {"person": each.person, "name": each.name, "phone": each.phone}
            for each in (step.holders if people else ())
        ],
    }
