"""The command line, run as people type it on a database of one's choice."""

from __future__ import annotations

import sys

import pytest

from gridmap.cli import main
from gridmap.settings import Settings


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """run(settings, *arguments) -> (exit code, standard output, standard error)."""

    def run(settings: Settings, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("GRIDMAP_DATABASE_URL", str(settings.database_url))
        monkeypatch.setenv("GRIDMAP_DATA_DIR", str(settings.data_dir))
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["gridmap", *arguments])
        monkeypatch.chdir(tmp_path)
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        done = capsys.readouterr()
        return code, done.out, done.err

    return run


@pytest.fixture
def demo(demo_database) -> Settings:
    return demo_database.settings
