"""`gridmap stats moves`: what moved from which grid to which when a month is re-cut to another edition."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from gridmap.areas import store as areas
from gridmap.cli.common import JurisdictionOption, console, opened
from gridmap.statistics.months import parse_month
from gridmap.statistics.moving import moves as moves_of


def moves(
    month: Annotated[str, typer.Option(help="YYYY-MM.")],
    edition: Annotated[int, typer.Option(help="An edition of grids; areas list numbers them.")],
    category: Annotated[str | None, typer.Option(help="Its code; default: all but the private ones.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As the service answers.")] = False,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """How many reports of a month lie in another grid than they were placed in, by both."""
    first_day = parse_month(month)
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = moves_of(connection, database.settings, chosen, first_day, edition, category)
    if as_json:
        from gridmap.faces.shapes.moves import moves as answer  # FastAPI takes a second to import

        print(json.dumps(answer(found), ensure_ascii=False))
        return
    table = Table("from", "name", "to", "name", "reports")
    for row in found.moved:
        table.add_row(
            row.code or "—", row.name or "", row.to_code or "—", row.to_name or "", f"{row.reports:,}"
        )
    if found.moved:
        console.print(table)
    elsewhere = found.reports - found.stayed
    console.print(f"{elsewhere:,} of {found.reports:,} reports lie in another grid", highlight=False)
