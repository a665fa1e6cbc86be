"""kill -9 at fifty random moments of days of work: nothing acknowledged is lost, nothing is half done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lifecycle.day import Day, Mortal, blows, check_all, settle_town
from tests.lifecycle.running import reachable_folder

pytestmark = pytest.mark.ordeal

KILLS, SEED = 50, 20261128


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


def test_fifty_kills_lose_nothing(folder) -> None:
    office, began = settle_town(folder), time.monotonic()
    mortal = Mortal(folder)
    try:
        days = [Day(mortal, office, "an undisturbed day")]
        days[0].live()
        requests = mortal.asked
        mortal.plan = {requests + n: blow for n, blow in blows(KILLS, 2 * requests, SEED).items()}
        for name in ("a bad day", "another"):
            days.append(Day(mortal, office, name))
            days[-1].live()
        for day in days:
            day.check()
        unheard = sum(day.committed_unheard for day in days)
        print(f"{dict(mortal.happened)}, committed unheard: {unheard}, {time.monotonic() - began:.0f} s")
        assert mortal.happened["killed"] == KILLS
        assert mortal.happened["sent again"] > KILLS / 4  # not all of them between two requests
        mortal.end()
    finally:
        mortal.service.clean_up()
    check_all(folder, days)
