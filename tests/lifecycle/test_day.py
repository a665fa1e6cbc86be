"""A day's work on a service that is killed three times on the way; fifty times in tests/ordeal."""

from __future__ import annotations

from tests.lifecycle.day import Blow, Day, Mortal, check_all, settle_town


def test_a_day_survives_being_killed(fresh_folder) -> None:
    office = settle_town(fresh_folder)
    # about a report, about a move with everything else, and after an answer
    mortal = Mortal(fresh_folder, {5: Blow(0.5), 18: Blow(0.6, everything=True), 30: Blow(1.3)})
    try:
        day = Day(mortal, office, "the day")
        day.live()
        day.check()
        assert mortal.happened["killed"] == 3
        mortal.end()
    finally:
        mortal.service.clean_up()
    check_all(fresh_folder, [day])
