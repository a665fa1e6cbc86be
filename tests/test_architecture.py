"""The house rules as tests: import direction, SQL in stores, libraries in their rooms."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gridmap"
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the ground up. A module may import from its own room and from the floors below.
STOREYS = (
    ("errors",),
    ("archives",),
    ("geometry", "settings", "text"),
    ("tabular", "spreadsheets"),
    ("vectors",),
    ("database",),
    ("areas",),
    ("places", "backdrop"),
    ("reports",),
    ("works", "people", "photos"),
    ("cases",),
    ("statistics", "annual"),
    ("maps", "scale", "tiles"),
    ("bulletin",),
    ("jobs",),
    ("opening",),
    ("demonstration",),
    ("generated",),
    ("faces",),
    ("cli",),  # starts the service, so it may see the app; nothing sees it
)
FLOORS = {name: floor for floor, names in enumerate(STOREYS) for name in names}
ONLY_GROUND = {"geometry": {"errors"}, "errors": set()}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports(path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(module, names) of every import, wherever in the file it stands."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, tuple(alias.name for alias in node.names)


def rooms_imported(path: Path) -> set[str]:
    found = set()
    for module, names in imports(path):
        if module == "gridmap":
            found |= set(names) & FLOORS.keys()
        elif module.startswith("gridmap."):
            found.add(module.split(".")[1])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    here = room(path)
    if here in ("__init__", "__main__"):
        return
    for other in rooms_imported(path) - {here}:
        assert FLOORS[other] < FLOORS[here], f"{here} must not import {other}"
        if here in ONLY_GROUND:
            assert other in ONLY_GROUND[here]


def test_every_room_has_a_floor() -> None:
    assert {room(path) for path in MODULES} - {"__init__", "__main__"} <= FLOORS.keys()


def offenders(library: str, allowed: re.Pattern[str]) -> list[str]:
    return [
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if any(module.split(".")[0] == library for module, _ in imports(path))
        and not allowed.search(str(path.relative_to(PACKAGE)))
    ]


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("fastapi", r"^faces/"),
        ("starlette", r"^faces/"),
        ("folium", r"^maps/"),
        ("branca", r"^maps/"),
        ("matplotlib", r"^maps/|^bulletin/"),
        ("geopandas", r"^maps/|^scale/|loading\.py$|^vectors/"),
        ("typer", r"^cli/"),
        ("distributed", r"^scale/"),
        ("procrastinate", r"^jobs/|^database/"),
        ("psycopg", r"^database/|store\.py$"),
    ],
)
def test_libraries_keep_to_their_rooms(library: str, allowed: str) -> None:
    assert offenders(library, re.compile(allowed)) == []


def test_sql_only_in_stores() -> None:
    harmless = {"Connection", "Engine", "Row"}
    guilty = []
    for path in MODULES:
        name = str(path.relative_to(PACKAGE))
        if name.startswith("database/") or path.name == "store.py":
            continue
        for module, names in imports(path):
            if module.split(".")[0] in ("sqlalchemy", "geoalchemy2") and not (
                (module == "sqlalchemy" and names and set(names) <= harmless) or module == "sqlalchemy.exc"
            ):
                guilty.append(f"{name}: {module} {names}")
    assert guilty == []


def test_only_writing_commits() -> None:
    commits = [
        p for p in MODULES if re.search(r"\.commit\(\)|engine\.begin\(\)", p.read_text(encoding="utf-8"))
    ]
    assert {str(p.relative_to(PACKAGE)) for p in commits} <= {
        "database/sessions.py",
        "database/migrations/__init__.py",
    }


def test_every_module_says_what_lives_there() -> None:
    silent = [
        str(p.relative_to(PACKAGE))
        for p in MODULES
        if p.read_text(encoding="utf-8").strip() and not ast.get_docstring(ast.parse(p.read_text("utf-8")))
    ]
    assert silent == []


def test_rooms_are_small() -> None:
    lengths = {str(p.relative_to(PACKAGE)): len(p.read_text("utf-8").splitlines()) for p in MODULES}
    assert statistics.median(lengths.values()) < 200
    assert {name for name, length in lengths.items() if length > 400} <= {
        "database/migrations/versions/0001_the_first_schema.py",
    }
