"""The table of moves: what it promises, and that random walks through it keep the promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.cases.drawing import document, mermaid
from gridmap.cases.model import DISPATCHER, FINDINGS, ROLES, Actor, Move, Standing
from gridmap.cases.workflow import (
    BEFORE,
    NEW,
    apply,
    decide,
    holds,
    moves,
    permits,
    possible,
    rules,
    standing_of,
    states,
    tasks_for,
)
from gridmap.errors import BadInput, Conflict, Forbidden, GridmapError

START = datetime(2023, 12, 1, 2, tzinfo=UTC)
SQUAD, POLICE = "party:urban_management", "party:police"
OFFICE = Actor("office:li", frozenset({"office"}))
COMMUNITY = Actor("community:wu", frozenset({"community"}))
MEMBER = Actor("member:wang", frozenset({"member"}))
SQUAD_MAN = Actor("squad:sun", frozenset({"department"}), frozenset({SQUAD}))
CONSTABLE = Actor("police:qian", frozenset({"department"}), frozenset({POLICE}))
# a community officer who is also sent tasks: the one whom four eyes are for
BOTH = Actor("both:zhou", frozenset({"community", "member"}), frozenset({SQUAD, POLICE}))
PEOPLE = (OFFICE, COMMUNITY, MEMBER, SQUAD_MAN, CONSTABLE, BOTH)
OTHER_CASE = "0190a000-0000-7000-8000-000000000000"


def details(move: str, recipients: tuple[str, ...] = (SQUAD,), finding: str = "done") -> dict:
    return {
        "dispatch": {
            "tasks": [{"recipient": r, "then": ["post:office"], "silence_minutes": 60} for r in recipients]
        },
        "answer": {"finding": finding},
        "extend": {"hours": 8},
        "merge": {"into": OTHER_CASE},
        "join": {"from": OTHER_CASE},
        "pass_on": {"recipient": SQUAD},
    }.get(move, {})


def walk(*steps: tuple[str, Actor] | tuple[str, Actor, dict]) -> Standing:
    standing = Standing()
    for number, (move, actor, *said) in enumerate(steps):
        given_ = said[0] if said else details(move)
        at = START + timedelta(hours=number)
        standing = apply(standing, decide(standing, move, actor, at, "因为", given_))
    return standing


TO_DISPATCHED = (("collect", MEMBER), ("file", OFFICE), ("dispatch", OFFICE))
TO_ANSWERED = (*TO_DISPATCHED, ("acknowledge", SQUAD_MAN), ("answer", SQUAD_MAN))


def test_the_table_speaks_of_what_there_is() -> None:
    known = {NEW, *states()}
    for rule in rules():
        assert rule.source in known
        assert rule.target in {*states(), BEFORE}
        assert set(rule.who) <= {*ROLES, "recipient", "anyone"}
    assert {state.state for state in states().values()} == {r.target for r in rules()} - {BEFORE}
    assert len({(r.move, r.source, r.when) for r in rules()}) == len(rules())


def test_the_plain_way() -> None:
    done = walk(*TO_ANSWERED, ("check", MEMBER), ("close", OFFICE))
    assert done.state == "closed"
    assert done.handlers == {SQUAD_MAN.name}


def test_every_state_can_end() -> None:
    """From each state an end is reached by rows of the table, whatever the tasks."""
    ways = {(r.source, r.target) for r in rules() if r.target != BEFORE}
    can_end = {state.state for state in states().values() if state.ends}
    while True:
        more = can_end | {source for source, target in ways if target in can_end}
        if more == can_end:
            break
        can_end = more
    assert can_end == {NEW, *states()}


def test_whoever_handled_it_cannot_check_it() -> None:
    answered = walk(*TO_DISPATCHED, ("acknowledge", BOTH, {"recipient": SQUAD}), ("answer", BOTH))
    for move in ("check", "send_back"):
        with pytest.raises(Forbidden, match="let somebody else"):
            decide(answered, move, BOTH, START, "好")
        assert move not in possible(answered, BOTH)
        assert decide(answered, move, COMMUNITY, START, "好")


def test_who_handled_it_in_an_earlier_round_cannot_check_a_later_one() -> None:
    again = walk(
        *TO_DISPATCHED,
        ("acknowledge", BOTH),
        ("return", BOTH),
        ("dispatch", OFFICE, details("dispatch", (POLICE,))),
        ("acknowledge", CONSTABLE),
        ("answer", CONSTABLE),
    )
    with pytest.raises(Forbidden, match="let somebody else"):
        decide(again, "check", BOTH, START)


def test_who_deals_with_it_alone_needs_another_to_check() -> None:
    answered = walk(("collect", MEMBER), ("self_handle", MEMBER))
    assert answered.state == "answered"
    with pytest.raises(Forbidden):
        decide(answered, "check", MEMBER, START)
    back = apply(answered, decide(answered, "send_back", COMMUNITY, START, "还在"))
    assert back.state == "filed"  # nobody has a task, so there is nobody to handle it


def test_two_recipients_each_acknowledge_and_answer() -> None:
    both = walk(
        ("collect", MEMBER), ("file", OFFICE), ("dispatch", OFFICE, details("dispatch", (SQUAD, POLICE)))
    )
    assert both.waiting_for == (SQUAD, POLICE)
    one = apply(both, decide(both, "acknowledge", SQUAD_MAN, START))
    assert (one.state, [t.acknowledged_by for t in one.tasks]) == ("handling", [SQUAD_MAN.name, None])
    with pytest.raises(Conflict, match="acknowledged or returned already"):
        decide(one, "acknowledge", SQUAD_MAN, START)
    with pytest.raises(Conflict, match="acknowledged first"):
        decide(one, "answer", CONSTABLE, START, "去过", {"finding": "done"})
    half = apply(one, decide(one, "answer", SQUAD_MAN, START, "已清理", {"finding": "done"}))
    assert (half.state, half.waiting_for, half.disagree) == ("handling", (POLICE,), False)
    two = apply(half, decide(half, "acknowledge", CONSTABLE, START))
    all_ = apply(two, decide(two, "answer", CONSTABLE, START, "没看到", {"finding": "not_found"}))
    assert (all_.state, all_.disagree) == ("answered", True)
    with pytest.raises(BadInput, match="recipient: say for whom"):
        decide(both, "acknowledge", BOTH, START)


def test_a_task_returned_by_one_of_two_leaves_the_other_its_own() -> None:
    half = walk(
        *TO_DISPATCHED[:2],
        ("dispatch", OFFICE, details("dispatch", (SQUAD, POLICE))),
        ("acknowledge", CONSTABLE),
        ("return", SQUAD_MAN),
    )
    assert (half.state, half.waiting_for) == ("handling", (POLICE, DISPATCHER))
    (_, kept) = half.tasks
    assert (kept.acknowledged_by, kept.given_at) == (CONSTABLE.name, START + timedelta(hours=2))
    assert {"acknowledge", "answer", "return"}.isdisjoint(possible(half, SQUAD_MAN))
    for move in ("acknowledge", "answer", "return"):
        with pytest.raises(Conflict, match="returned already"):
            decide(half, move, SQUAD_MAN, START, "因为", details(move))
    answered = apply(half, decide(half, "answer", CONSTABLE, START, "已处理", details("answer")))
    assert (answered.state, answered.waiting_for) == ("handling", (DISPATCHER,))  # two were demanded
    with pytest.raises(BadInput, match="has a task of this case already"):
        decide(answered, "dispatch", OFFICE, START, "", details("dispatch", (POLICE,)))
    with pytest.raises(BadInput, match="name at least one"):
        decide(answered, "dispatch", OFFICE, START)
    assert "dispatch" in possible(answered, OFFICE)
    again = apply(answered, decide(answered, "dispatch", OFFICE, START, "", details("dispatch")))
    assert (again.state, again.waiting_for) == ("handling", (SQUAD,))
    assert [task.answered_by for task in again.tasks] == [CONSTABLE.name, None]
    assert "dispatch" not in possible(again, OFFICE)


@pytest.mark.parametrize("last", [CONSTABLE, OFFICE])
def test_a_case_returned_by_the_last_or_by_the_office_is_dispatched_anew(last) -> None:
    both = walk(*TO_DISPATCHED[:2], ("dispatch", OFFICE, details("dispatch", (SQUAD, POLICE))))
    one = apply(both, decide(both, "return", SQUAD_MAN, START, "不属本单位"))
    assert (one.state, one.waiting_for) == ("dispatched", (POLICE, DISPATCHER))
    filed = apply(one, decide(one, "return", last, START, "不属本单位"))
    assert (filed.state, filed.tasks, filed.waiting_for) == ("filed", (), ())


def test_what_was_sent_back_is_answered_anew() -> None:
    back = walk(*TO_ANSWERED, ("send_back", MEMBER))
    assert back.state == "handling"
    assert back.waiting_for == (SQUAD,)
    assert not back.disagree


def test_a_suspended_case_comes_back_to_what_it_was() -> None:
    for steps in (TO_DISPATCHED[:2], TO_DISPATCHED, (*TO_DISPATCHED, ("acknowledge", SQUAD_MAN))):
        before = walk(*steps)
        assert walk(*steps, ("suspend", OFFICE)).state == "suspended"
        assert walk(*steps, ("suspend", OFFICE), ("resume", OFFICE)).state == before.state


def test_silence_hands_a_task_to_the_next() -> None:
    passed = walk(*TO_DISPATCHED, ("pass_on", OFFICE))
    assert [(t.recipient, t.then) for t in passed.tasks] == [("post:office", ())]


def test_a_reopened_case_begins_at_filing() -> None:
    again = walk(*TO_ANSWERED, ("check", MEMBER), ("close", OFFICE), ("reopen", COMMUNITY))
    assert (again.state, again.tasks, again.reopened) == ("filed", (), 1)


@pytest.mark.parametrize(
    ("move", "actor", "said", "error", "match"),
    [
        ("void", OFFICE, {"weight": 1.5}, BadInput, "has no detail 'weight'"),
        ("answer", SQUAD_MAN, {"finding": ["done"]}, BadInput, "say what was found"),
        ("extend", OFFICE, {"hours": True}, BadInput, "hours"),
        ("pass_on", OFFICE, {}, Conflict, "there is none"),
        ("fly", OFFICE, {}, BadInput, "is no move"),
        ("close", OFFICE, {}, Conflict, "a case that is handling cannot take close"),
        ("void", MEMBER, {}, Forbidden, "void is for office"),
        ("answer", CONSTABLE, {"finding": "done"}, Forbidden, "dispatched to"),
        ("answer", SQUAD_MAN, {"finding": "fine"}, BadInput, "say what was found"),
        ("extend", OFFICE, {"hours": 0}, BadInput, "hours"),
        ("extend", OFFICE, {"hours": 1, "days": 1}, BadInput, "hours"),
    ],
)
def test_what_is_refused(move, actor, said, error, match) -> None:
    handling = walk(*TO_DISPATCHED, ("acknowledge", SQUAD_MAN))
    with pytest.raises(error, match=match):
        decide(handling, move, actor, START, "因为", said)


def test_a_reason_is_asked_for() -> None:
    for rule in rules():
        if rule.move in ("return", "void", "suspend", "extend", "reopen", "send_back", "refuse"):
            assert rule.reason
    with pytest.raises(BadInput, match="reason"):
        decide(walk(*TO_DISPATCHED), "void", OFFICE, START, "  ")


# who, which move (of those offered, or of all), to how many recipients, which of them, what they find
STEPS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.integers(0, 99),
        st.booleans(),
        st.sampled_from([(SQUAD,), (SQUAD, POLICE)]),
        st.sampled_from([SQUAD, POLICE]),
        st.sampled_from(list(FINDINGS)),
    ),
    min_size=1,
    max_size=25,
)


def walked(steps) -> list[Move]:
    """The history that these steps make; those that are refused are left out."""
    history = [decide(Standing(), "collect", MEMBER, START)]
    standing = standing_of(history)
    for number, (actor, choice, offered, recipients, recipient, finding) in enumerate(steps):
        choices = (possible(standing, actor) if offered else []) or list(moves())
        move = choices[choice % len(choices)]
        said = details(move, recipients, finding)
        if move in ("acknowledge", "answer") or (move == "return" and choice % 2):
            said["recipient"] = recipient
        if move == "correct":
            said["rerouted"] = choice % 2 == 0
        try:
            made = decide(standing, move, actor, START + timedelta(minutes=number), "因为", said)
        except GridmapError:
            continue
        history.append(made)
        standing = apply(standing, made)
    return history


def walks() -> st.SearchStrategy[list[Move]]:
    """Histories of random moves by random people, with whatever details."""
    return STEPS.map(walked)


@settings(max_examples=200)
@given(walks())
def test_random_walks_keep_the_promises(history: list[Move]) -> None:
    people = {actor.name: actor for actor in PEOPLE}
    standing = Standing()
    handled: set[str] = set()
    for move in history:
        rows = [r for r in rules() if r.move == move.move and holds(r, standing, move.details)]
        assert len(rows) == 1  # no move outside the table, and none by two rows
        assert permits(rows[0], people[move.actor], standing)
        assert move.target == (standing.before if rows[0].target == BEFORE else rows[0].target)
        if move.move in ("check", "send_back"):
            assert move.actor not in handled
        if move.move in ("acknowledge", "answer", "self_handle"):
            handled.add(move.actor)
        standing = apply(standing, move)
        assert standing.state in states()
        assert (standing.before is not None) == (standing.state == "suspended")
        assert standing.handlers == handled
        if standing.state == "handling":
            assert standing.waiting_for
        if standing.state == "answered":
            assert all(task.answered_at for task in standing.tasks)
        if standing.state in ("dispatched", "handling"):
            assert standing.tasks
        if standing.state in ("collected", "filed"):
            assert not standing.tasks
    assert standing == standing_of(history)


@settings(max_examples=100)
@given(walks())
def test_the_office_can_always_end_a_case(history: list[Move]) -> None:
    standing = standing_of(history)
    if standing.state == NEW or states()[standing.state].ends:
        return
    ended = apply(standing, decide(standing, "void", OFFICE, START, "不再需要"))
    assert states()[ended.state].ends


@given(walks(), st.sampled_from(PEOPLE))
def test_what_is_offered_can_be_done(history: list[Move], actor: Actor) -> None:
    standing = standing_of(history)
    for move in possible(standing, actor):
        said = details(move)
        if own := tasks_for(move, actor, standing):
            said["recipient"] = own[0].recipient
        if move == "dispatch" and standing.tasks:
            taken = {task.recipient for task in standing.kept}
            said = details("dispatch", tuple({SQUAD, POLICE, "party:other"} - taken))
        assert decide(standing, move, actor, START, "因为", said)


def test_the_drawing_in_the_docs_is_that_of_the_table() -> None:
    assert (Path(__file__).parents[2] / "docs" / "workflow.md").read_text(encoding="utf-8") == document()


def test_the_drawing_shows_every_state() -> None:
    drawn = mermaid()
    for state in states():
        assert f" {state}: " in drawn
        assert f"--> {state}" in drawn or f"of {state}: " in drawn
    assert {r.source for r in rules() if r.move == "void"} == {
        state.state for state in states().values() if not state.ends
    }  # as the note says
