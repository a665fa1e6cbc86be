"""Fixtures of the tests that run real services: their folders, and their certain end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lifecycle.running import Running, reachable_folder


@pytest.fixture
def fresh_folder() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture
def start() -> Iterator[type[Running]]:
    """start(data_dir, …) -> Running, killed at the test's end if it still runs."""
    started: list[Running] = []

    def begin(*args, **options) -> Running:
        started.append(Running(*args, **options))
        return started[-1]

    yield begin
    for service in started:
        service.clean_up()
