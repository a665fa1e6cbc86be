"""`gridmap stats`: months in numbers, and the scales of the maps."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from gridmap.areas import store as areas
from gridmap.cli.common import JurisdictionOption, console, opened
from gridmap.reports.categories import vocabulary
from gridmap.statistics import store
from gridmap.statistics.monthly import monthly, months_with_reports, parse_month

app = typer.Typer(no_args_is_help=True)


@app.command("monthly")
def monthly_(
    month: Annotated[str | None, typer.Option(help="YYYY-MM; default all.")] = None,
    category: Annotated[str | None, typer.Option(help="Its code.")] = None,
    by: Annotated[str, typer.Option(help="grid, community or category.")] = "community",
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Reports per month and grid, community or category."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        span = (parse_month(month),) * 2 if month else months_with_reports(connection, chosen)
        counts = (
            monthly(connection, chosen, first_month=span[0], last_month=span[1], category=category, by=by)
            if span
            else []
        )
    table = Table("month", by, "name", "reports")
    for row in counts:
        table.add_row(f"{row.month:%Y-%m}", row.code or "—", row.name or "", f"{row.count:,}")
    console.print(table)


@app.command("scale")
def scale(
    category: Annotated[str | None, typer.Option(help="Its code; default: all categories.")] = None,
    renew: Annotated[bool, typer.Option("--renew", help="Forget it; the next map makes a new one.")] = False,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Show the classes that a heat map keeps from month to month, or make room for new ones."""
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        if category:
            vocabulary(connection, chosen.code).check(category)
        if renew:
            store.forget_scale(connection, chosen.code, category)
        kept = store.scale(connection, chosen.code, category)
    if kept is None:
        console.print("none is kept yet; the first map after a full month makes one")
        return
    console.print(f"reports per grid: {', '.join(map(str, kept.counts))}", highlight=False)
    console.print(f"reports per km²: {', '.join(f'{d:g}' for d in kept.densities)}", highlight=False)
