"""The notebooks run from the first cell to the last, on the demonstration."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"

# what each prints of what it found, and how many pictures it draws at least
PRINTED = {
    "tour.ipynb": ("reports;", 2),
    "heatmap.ipynb": ("reports;", 2),
    "months.ipynb": ("grids with p < 0.05;", 2),
    "grids.ipynb": ("located reports;", 2),
}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda p: p.name)
def test_a_notebook_runs(path: Path, demo_database, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", demo_database.settings.database_url)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(path, as_version=4)
    assert not [cell for cell in notebook.cells if cell.get("outputs")], "commit notebooks without outputs"
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    printed = "".join(output.get("text", "") for output in outputs)
    words, pictures = PRINTED[path.name]
    assert words in printed
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= pictures
    assert "Glyph" not in printed, "a character that the vendored font lacks"
    if path.name == "grids.ipynb":
        assert "断成几块的网格: 0" in printed


def test_the_notebooks_are_there() -> None:
    assert {path.name for path in FOLDER.glob("*.ipynb")} == set(PRINTED)
