"""Fixtures of the tests that run real services: their folders, and their certain end."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridmap.opening import open_gridmap
from gridmap.settings import Settings
from tests.lifecycle.running import Running, reachable_folder


@pytest.fixture
def fresh_folder() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def made_folder() -> Iterator[Path]:
    """A data folder with a migrated database that nobody uses; to be copied."""
    with reachable_folder() as folder:
        with open_gridmap(Settings(data_dir=folder)):
            pass
        yield folder


@pytest.fixture
def ready_folder(made_folder: Path) -> Iterator[Path]:
    """A copy of its own: a start on it takes a third of a first one."""
    with reachable_folder() as folder:
        subprocess.run(["cp", "--archive", f"{made_folder}/.", folder], check=True)
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
