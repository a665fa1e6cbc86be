"""The table of moves as a picture (Mermaid) and as a table (Markdown), for docs/workflow.md. Pure."""

from __future__ import annotations

from gridmap.cases.model import ROLES
from gridmap.cases.workflow import BEFORE, NEW, Rule, rules, states

WHO = {"anyone": ("任何人", "anyone"), "recipient": ("被派遣者", "who it was dispatched to"), **ROLES}
WHEN = {
    "others": "others still have to answer",
    "last": "all others have answered, and nobody is to be replaced",
    "tasks": "it had been dispatched",
    "no_tasks": "it had not been dispatched",
    "rerouted": "somebody else answers for the new place or category",
    "same_route": "the same answer for it",
    "whole": "nobody else has a task, or the office takes back all",
    "part": "others keep theirs",
    "returned": "in place of a task that was returned",
}
DOCUMENT = """\
# How a case moves

Made by `gridmap cases workflow --format document` from gridmap/cases/workflow.csv; a test compares the two.
Whoever handled a case (acknowledged, answered or dealt with it) can neither check it nor send it back.

```mermaid
{mermaid}```

{table}"""


def mermaid() -> str:
    """A state diagram. Moves that leave the state as it is are left to the table; void, which comes from
    every state that is no end, and the way back of a correction are said in notes."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.state}: {state.name} {state.name_en}" for state in states().values()]
    joined: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules():
        if rule.source != rule.target and rule.move not in ("void", "correct"):
            joined.setdefault((rule.source, rule.target), []).append(rule)
    for (source, target), several in joined.items():
        if target == BEFORE:
            continue
        names = "、".join(dict.fromkeys(rule.name for rule in several))
        lines.append(f"    {'[*]' if source == NEW else source} --> {target}: {names}")
    for rule in rules():
        if rule.move == "suspend":
            lines.append(f"    suspended --> {rule.source}: 恢复")
    lines.append("    note left of voided: 作废：自任何未结束的状态 void, from every state that is no end")
    lines.append("    note left of filed: 更正后改由他人负责 a correction that changes who answers")
    lines += [f"    {state.state} --> [*]" for state in states().values() if state.ends]
    return "\n".join(lines) + "\n"


def table() -> str:
    """Markdown: one line per move and target, its sources joined."""
    joined: dict[tuple[object, ...], list[str]] = {}
    for rule in rules():
        same = rule.target if rule.target != rule.source else "="
        key = (rule.move, rule.name, rule.name_en, same, rule.who, rule.reason, rule.other_eyes, rule.when)
        joined.setdefault(key, []).append(rule.source)
    lines = ["| move | 中文 | from | to | who | reason | when |", "|---|---|---|---|---|---|---|"]
    for (move, name, _, target, who, reason, eyes, when), sources in joined.items():
        assert isinstance(who, tuple)
        people = "、".join(WHO[each][0] for each in who) + ("，且未经手此案" if eyes else "")
        to = {"=": "(the same)", BEFORE: "what it was (filed, where a correction gave it to others)"}.get(
            str(target), str(target)
        )
        condition = WHEN.get(str(when), "")
        lines.append(
            f"| `{move}` | {name} | {', '.join(sources)} | {to} | {people} | {'yes' if reason else ''} |"
            f" {condition} |"
        )
    return "\n".join(lines) + "\n"


def document() -> str:
    """docs/workflow.md."""
    return DOCUMENT.format(mermaid=mermaid(), table=table())
