"""The clocks of a case: when they begin and end, what moves them, and that nothing but the history does."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gridmap.cases.calendars import OFFICE_HOURS, calendar, shipped
from gridmap.cases.deadlines import Clock, clocks, running
from gridmap.cases.dispatch import silent
from gridmap.cases.model import Move, Standing
from gridmap.cases.rules import rules_of
from gridmap.cases.workflow import apply, decide, standing_of
from tests.cases.test_workflow import CONSTABLE, MEMBER, OFFICE, POLICE, SQUAD, SQUAD_MAN, details

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = calendar(ZONE, OFFICE_HOURS, shipped())
RULES = rules_of({}, {})
RUBBISH = "matter-06010"  # to be handled in 8 working hours
PERMITS = "matter-08016"  # in 10 working days


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def history(*steps) -> list[Move]:
    """(time, move, actor[, details]) …"""
    made, standing = [], Standing()
    for time, move, actor, *said in steps:
        given_ = said[0] if said else details(move)
        made.append(decide(standing, move, actor, at(time), "因为", given_))
        standing = apply(standing, made[-1])
    return made


def clock(moves: list[Move], milestone: str, now: str, category: str = RUBBISH) -> Clock:
    found = [c for c in clocks(moves, category, RULES, CALENDAR, at(now)) if c.milestone == milestone]
    return found[-1]


DISPATCHED = (
    ("2023-12-01 08:00", "collect", MEMBER),
    ("2023-12-01 09:00", "file", OFFICE),
    ("2023-12-01 10:00", "dispatch", OFFICE),  # a Friday
)
HANDLING = (*DISPATCHED, ("2023-12-01 10:30", "acknowledge", SQUAD_MAN))


def test_each_milestone_has_its_own_clock() -> None:
    moves = history(*HANDLING, ("2023-12-01 16:00", "answer", SQUAD_MAN))
    found = {c.milestone: c for c in clocks(moves, RUBBISH, RULES, CALENDAR, at("2023-12-01 16:10"))}
    assert {m: c.done_at is not None for m, c in found.items()} == {
        "file": True,
        "dispatch": True,
        "acknowledge": True,
        "handle": True,
        "check": False,
    }
    assert found["handle"].due == at("2023-12-04 10:00")  # 2 h before noon, 4 h after it, 2 h on Monday
    assert found["acknowledge"].due == at("2023-12-01 11:00")
    assert not any(c.overdue for c in found.values())
    assert [c.milestone for c in running(found.values())] == ["check"]


def test_overdue_is_a_matter_of_the_moment() -> None:
    moves = history(*HANDLING)
    assert clock(moves, "handle", "2023-12-04 10:00").due == at("2023-12-04 10:00")
    assert not clock(moves, "handle", "2023-12-04 10:00").overdue
    assert clock(moves, "handle", "2023-12-04 10:01").overdue
    late = history(*HANDLING, ("2023-12-04 11:00", "answer", SQUAD_MAN))
    assert clock(late, "handle", "2023-12-20 00:00").overdue  # reached too late, and that remains so


def test_an_extension_moves_the_clock_to_handle() -> None:
    moves = history(*HANDLING, ("2023-12-01 11:00", "extend", OFFICE, {"hours": 4}))
    assert clock(moves, "handle", "2023-12-04 12:00").due == at("2023-12-04 16:30")
    days = history(*HANDLING, ("2023-12-01 11:00", "extend", OFFICE, {"days": 2}))
    assert clock(days, "handle", "2023-12-04 12:00").due == at("2023-12-06 18:30")


def test_a_suspended_case_has_no_term_until_it_is_resumed() -> None:
    held = history(*HANDLING, ("2023-12-01 11:00", "suspend", OFFICE))
    stopped = clock(held, "handle", "2024-03-01 00:00")
    assert (stopped.due, stopped.overdue, stopped.done_at) == (None, False, None)
    resumed = history(
        *HANDLING,
        ("2023-12-01 11:00", "suspend", OFFICE),
        ("2023-12-05 11:00", "resume", OFFICE),
    )
    assert clock(resumed, "handle", "2023-12-05 12:00").due == at("2023-12-06 10:00")
    days = clock(resumed, "handle", "2023-12-05 12:00", PERMITS)
    assert days.due == at("2023-12-19 18:30")  # ten working days and the two that ended meanwhile


def test_what_was_overdue_when_it_was_suspended_stays_so() -> None:
    held = history(*HANDLING, ("2023-12-20 11:00", "suspend", OFFICE))
    assert clock(held, "handle", "2024-01-01 00:00").overdue


def test_a_case_sent_back_is_handled_on_a_new_clock() -> None:
    moves = history(
        *HANDLING, ("2023-12-01 11:00", "answer", SQUAD_MAN), ("2023-12-04 10:00", "send_back", MEMBER)
    )
    again = clock(moves, "handle", "2023-12-04 10:00")
    assert (again.since, again.done_at) == (at("2023-12-04 10:00"), None)


def test_two_recipients_acknowledge_on_clocks_of_their_own() -> None:
    moves = history(
        *DISPATCHED[:2],
        ("2023-12-01 10:00", "dispatch", OFFICE, details("dispatch", (SQUAD, POLICE))),
        ("2023-12-01 10:20", "acknowledge", SQUAD_MAN),
        ("2023-12-01 14:50", "acknowledge", CONSTABLE),
    )
    both = {
        c.recipient: c.overdue
        for c in clocks(moves, "matter-06027", RULES, CALENDAR, at("2023-12-01 15:00"))
        if c.milestone == "acknowledge"
    }
    assert both == {SQUAD: False, POLICE: True}


def test_over_new_year_and_beyond_the_known_notices() -> None:
    moves = history(
        ("2023-12-29 16:00", "collect", MEMBER),
        ("2023-12-29 16:30", "file", OFFICE),
        ("2023-12-29 17:00", "dispatch", OFFICE),
    )
    due = clock(moves, "handle", "2023-12-30 00:00", "local-petition").due
    assert due == at("2024-01-15 18:30")  # ten working days, 1 January not among them


def test_silence_is_working_time() -> None:
    standing = standing_of(
        history(
            ("2023-12-01 17:00", "collect", MEMBER),
            ("2023-12-01 17:30", "file", OFFICE),
            ("2023-12-01 18:00", "dispatch", OFFICE),
        )
    )
    assert silent(standing, CALENDAR, at("2023-12-03 23:00")) == []  # half an hour of Friday, then a weekend
    assert len(silent(standing, CALENDAR, at("2023-12-04 08:30"))) == 1


@given(
    st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), max_size=4),
    st.lists(st.integers(1, 16), max_size=3),
)
def test_a_hold_or_an_extension_never_brings_a_term_nearer(holds, extensions) -> None:
    steps = list(HANDLING)
    moment = at("2023-12-01 10:40")
    previous = clock(history(*steps), "handle", "2023-12-01 10:40")

    def later(hours: int) -> str:
        nonlocal moment
        moment += timedelta(hours=hours)
        return moment.replace(tzinfo=None).isoformat(" ")

    for hours in extensions:
        steps.append((later(1), "extend", OFFICE, {"hours": hours}))
        now = clock(history(*steps), "handle", later(0))
        assert now.due >= previous.due
        previous = now
    for wait, length in holds:
        steps += [(later(wait), "suspend", OFFICE), (later(length), "resume", OFFICE)]
        now = clock(history(*steps), "handle", later(0))
        assert now.due >= previous.due
        previous = now
