"""The inbox: its numbers and its order are those of the histories, at every moment and after every move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridmap.cases import inbox, listing, store
from gridmap.cases.inbox import NEVER, Dues, numbers, urgent
from gridmap.cases.inbox.store import lines
from gridmap.cases.intake import collect
from gridmap.cases.model import DISPATCHER
from gridmap.cases.moving import make
from gridmap.cases.workflow import live_states
from gridmap.errors import BadInput
from tests.cases.conftest import COMMUNITY, MEMBER, OFFICE, START, send

LIVE = store.Filter(states=tuple(live_states()))
MOMENTS = [START + timedelta(hours=hours) for hours in (0, 3, 5, 9, 24, 24 * 9, 24 * 30)]


@pytest.fixture
def desk(connection, district, settings):
    """Twelve cases that have come to different points, all within START's day."""
    categories = ["matter-06010", "matter-09001", "matter-06011", "local-dispute"] * 3
    references = send(connection, district, settings, *categories)
    made = []
    for number, reference in enumerate(references):
        at = START + timedelta(minutes=7 * number)
        (case,) = collect(connection, district, [[reference]], MEMBER, at=at)
        for step, move in enumerate(("file", "dispatch")[: number % 3]):
            make(connection, district, settings, case, move, OFFICE, at=at + timedelta(minutes=step + 1))
        made.append(case)
    at = START + timedelta(hours=2)
    make(connection, district, settings, made[0], "refuse", OFFICE, reason="无此事", at=at)
    make(connection, district, settings, made[2], "suspend", OFFICE, reason="待施工", at=at)
    make(connection, district, settings, made[5], "supervise", OFFICE, reason="多次反映", at=at)
    make(connection, district, settings, made[8], "extend", OFFICE, reason="协商", details={"days": 2}, at=at)
    return made


def whole(connection, district, settings, now, wanted=LIVE, **own):
    return listing.page(connection, district, settings, wanted, now, limit=1_000, **own)


@pytest.mark.parametrize("office", [False, True])
@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_numbers_are_those_of_the_histories(connection, district, settings, desk, now, office) -> None:
    views = whole(connection, district, settings, now)
    (someone, *_) = sorted({token for view in views for token in view.case.waiting_for})
    mine = frozenset({someone, DISPATCHER} if office else {someone})
    found = numbers(connection, district, settings, Dues(), LIVE, now, mine=mine)
    assert found.overdue == sum(view.overdue for view in views)
    assert found.waiting == sum(bool(mine & set(view.in_hand)) for view in views) > 0
    assert found.supervised == 1
    assert found.today == (12 if now.astimezone(district.zone).date() == START.date() else 0)
    everything = whole(connection, district, settings, now, store.Filter())
    for state, number in found.states.items():
        assert number == sum(view.case.state == state for view in everything)
    assert sum(found.states.values()) == len(everything) == 12
    late = numbers(connection, district, settings, Dues(), LIVE, now, mine=mine, overdue=True)
    assert sum(late.states.values()) == found.overdue


@pytest.mark.parametrize("now", MOMENTS[1:4], ids=str)
@pytest.mark.parametrize("overdue", [None, True, False])
def test_the_next_due_comes_first_page_by_page(connection, district, settings, desk, now, overdue) -> None:
    dues = Dues()
    seen, after = [], None
    while page := urgent(
        connection, district, settings, dues, LIVE, now, overdue=overdue, limit=3, after=after
    ):
        seen += page
        after = (page[-1][0], page[-1][1].case.id)
    expected = whole(connection, district, settings, now, overdue=overdue)
    assert {view.case.id for _, view in seen} == {view.case.id for view in expected}
    assert len(seen) == len(expected)
    due = [moment for moment, _ in seen]
    assert due == sorted(due)
    for moment, view in seen:
        clock = view.next_clock
        assert moment == (clock.due if clock and clock.due else NEVER)
        assert (moment < now) is view.overdue


def test_after_a_move_one_history_is_read(connection, district, settings, desk, monkeypatch) -> None:
    read = []
    histories = store.histories
    monkeypatch.setattr(
        inbox.cases, "histories", lambda connection, ids: read.append(len(ids)) or histories(connection, ids)
    )
    dues, now = Dues(), START + timedelta(hours=3)
    before = numbers(connection, district, settings, dues, LIVE, now, mine=frozenset())
    assert read == [11]
    make(
        connection, district, settings, desk[3], "file", COMMUNITY, at=START + timedelta(hours=2, minutes=30)
    )
    read.clear()
    after = numbers(connection, district, settings, dues, LIVE, now, mine=frozenset())
    assert read == [1]
    assert after.states["filed"] == before.states["filed"] + 1
    numbers(connection, district, settings, dues, LIVE, now, mine=frozenset())
    assert read == [1]


def test_another_term_is_gone_by_at_once(connection, district, settings, desk) -> None:
    from gridmap.cases import local
    from gridmap.cases.rules import shipped

    dues, rows = Dues(), lines(connection, district.code, LIVE)
    before = dues.of(connection, district.code, rows, local.local(connection, district, settings))
    slower = shipped("deadlines").replace("*,file,4,hours", "*,file,40,hours")
    local.load_rules(connection, district.code, slower, "deadlines.csv", "test")
    after = dues.of(connection, district.code, rows, local.local(connection, district, settings))
    collected = {line.id for line in rows if line.state == "collected"}
    assert collected
    assert all((after[id_] > before[id_]) is (id_ in collected) for id_ in before)


def test_who_waits_is_found_by_any_of_several_recipients(connection, district, desk) -> None:
    everybody = {token for line in lines(connection, district.code, LIVE) for token in line.waiting_for}
    assert len(everybody) > 1
    some = store.Filter(states=LIVE.states, recipients=tuple(everybody))
    waiting = [line for line in lines(connection, district.code, LIVE) if line.waiting_for]
    assert {line.id for line in lines(connection, district.code, some)} == {line.id for line in waiting}
    assert lines(connection, district.code, store.Filter(recipients=())) == []


def test_what_nobody_has_to_answer_is_the_offices_turn(connection, district, settings, desk) -> None:
    views = whole(connection, district, settings, datetime.now(UTC), store.Filter())
    assert {view.case.state for view in views if not view.in_hand} == {"refused"}
    for recipient in sorted({token for view in views for token in view.in_hand}):
        wanted = store.Filter(recipients=(recipient,))
        found = {view.case.id for view in whole(connection, district, settings, datetime.now(UTC), wanted)}
        assert found == {view.case.id for view in views if recipient in view.in_hand}
        assert found


def test_only_live_cases_are_due(connection, district, settings, desk) -> None:
    for states in ((), ("closed",), ("filed", "closed")):
        with pytest.raises(BadInput, match="state=live"):
            urgent(connection, district, settings, Dues(), store.Filter(states=states), datetime.now(UTC))
