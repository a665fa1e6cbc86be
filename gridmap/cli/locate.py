"""`gridmap locate LON LAT --datum D`: which grid, and who, answers for a coordinate."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

import gridmap
from gridmap.areas.model import AREA_KINDS
from gridmap.cli.common import JurisdictionOption, console, read_settings
from gridmap.errors import BadCoordinate, BadInput
from gridmap.people.chain import Answered, Step
from gridmap.people.telling import told
from gridmap.tabular import plain_number


def locate(
    lon: Annotated[str, typer.Argument(help="Degrees east.")],
    lat: Annotated[str, typer.Argument(help="Degrees north.")],
    datum: Annotated[str, typer.Option(help="wgs84, cgcs2000, gcj02 or bd09; never guessed.")],
    accuracy: Annotated[float | None, typer.Option(help="Radius of 95 % confidence, metres.")] = None,
    jurisdiction: JurisdictionOption = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: today.")] = None,
    unit: Annotated[int | None, typer.Option(min=1, help="Of the building, by its number.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As the service answers it.")] = False,
) -> None:
    """Tell grid, compound, community and building of a coordinate, and who answers for it."""
    x, y = plain_number(lon, "lon"), plain_number(lat, "lat")
    if x is None or y is None:
        raise BadCoordinate("is empty", field="lon" if x is None else "lat")
    if accuracy is not None and accuracy <= 0:
        raise BadInput("give a radius in metres, more than 0", field="accuracy")
    located = gridmap.locate(
        x,
        y,
        datum=datum,
        accuracy_m=accuracy,
        jurisdiction=jurisdiction,
        day=day.date() if day else None,
        unit=unit,
        settings=read_settings(),
    )
    if as_json:
        print(json.dumps(located_wire(located), ensure_ascii=False))
        return
    table = Table(show_header=False, box=None)
    for kind in ("grid", "compound", "community", "building"):
        area = getattr(located, kind)
        table.add_row(AREA_KINDS[kind][0], area.code if area else "—", area.name if area else "")
    table.add_row("method", located.method, "")
    if located.edge_distance_m is not None:
        table.add_row("to the nearest edge", f"{located.edge_distance_m:.1f} m", "")
    for code, probability in located.candidates:
        table.add_row("candidate", code, f"{probability:.0%}")
    console.print(table)
    for step in located.who.steps:
        _print_step(step, answers=step is located.who.answers)


def _print_step(step: Step, *, answers: bool) -> None:
    people = ", ".join(f"{each.name} {each.phone or ''}".strip() for each in step.holders) or "vacant"
    line = f"{'→' if answers else ' '} {step.post.name} · {step.level.name}: {people}"
    console.print(line, style="bold" if answers else None, markup=False, highlight=False)


def located_wire(located: Answered) -> dict[str, object]:
    """The names that clients count on."""
    areas = {
        kind: {"code": area.code, "name": area.name} if (area := getattr(located, kind)) else None
        for kind in ("grid", "compound", "community", "building")
    }
    return {
        **areas,
        "method": located.method,
        "edge_distance_m": located.edge_distance_m,
        "candidates": [{"code": code, "probability": p} for code, p in located.candidates],
        "who": told(located.who, people=True),
    }
