"""`gridmap stats hotspots`: a month's grids with Gi*, its chance, and their stars."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from gridmap.areas import store as areas
from gridmap.cli.common import IncludeOption, JurisdictionOption, console, opened
from gridmap.statistics.doubts import Difference, doubts_of
from gridmap.statistics.figures import GridFigures
from gridmap.statistics.heat import month_heat
from gridmap.statistics.months import parse_month


def hotspots(
    month: Annotated[str, typer.Option(help="YYYY-MM.")],
    category: Annotated[str | None, typer.Option(help="Its code; default: all categories.")] = None,
    include: IncludeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="All of it, as the service answers.")] = False,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Which grids have more or fewer reports, with those around them, than their area's share and chance."""
    from gridmap.faces.shapes import hotspots as answers
    from gridmap.statistics.grid_figures import month_figures
    from gridmap.statistics.left_out import surfaces
    from gridmap.statistics.significance import significance

    first_day, asked = parse_month(month), doubts_of(include)
    with opened() as database:
        with database.reading() as connection:
            chosen = areas.jurisdiction(connection, jurisdiction)
        heat = month_heat(database, chosen, first_day, category, include=asked)
        figures = month_figures(database, chosen, heat)
    told, difference = significance(heat), surfaces(heat)[1]
    answer = answers.hot_spots(heat, told, difference, figures)
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
        return
    table = Table("grid", "name", "reports", "tested", "expected", "z", "q", "star")
    starred = {each["code"] for each in answer["items"] if each["star"]}
    for grid, each in zip(answer["items"], figures, strict=True):
        if grid["code"] in starred:
            table.add_row(*_row(grid, each))
    if starred:
        console.print(table)
    _say(answer["untested"], len(starred), difference)


def _row(grid: dict[str, object], each: GridFigures) -> tuple[str, ...]:
    reports = "masked" if each.count is None else f"{each.count:,}"
    numbers = f"{grid['tested_count']:,}", f"{grid['expected']:.1f}", f"{grid['z']:.2f}", f"{grid['q']:.3f}"
    return str(grid["code"]), str(grid["name"]), reports, *numbers, str(grid["star"])


def _say(untested: str | None, starred: int, difference: Difference) -> None:
    reasons = {
        "few_reports": "not tested: too few reports",
        "flat": "not tested: no grid differs from another",
        "private": "not tested: of a private category it would give counts away",
    }
    console.print(reasons[untested] if untested else f"{starred} grids starred", highlight=False)
    if difference.left_out:
        doubts = ", ".join(f"{name} {many:,}" for name, many in difference.reports.items() if many)
        console.print(
            f"{difference.left_out:,} reports in doubt left out ({doubts}); --include lets them in",
            highlight=False,
        )
