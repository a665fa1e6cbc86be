"""The command line, run as people type it on a database of one's choice."""

from __future__ import annotations

import pytest

from gridmap.settings import Settings


@pytest.fixture
def demo(demo_database) -> Settings:
    return demo_database.settings
