"""The notebooks run from the first cell to the last, on the demonstration."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda p: p.name)
def test_a_notebook_runs(path: Path, demo_database, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", demo_database.settings.database_url)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(path, as_version=4)
    assert not [cell for cell in notebook.cells if cell.get("outputs")], "commit notebooks without outputs"
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert "reports;" in printed


def test_there_is_a_tour() -> None:
    assert (FOLDER / "tour.ipynb").exists()
