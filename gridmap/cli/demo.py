"""`gridmap demo`: the demonstration district, and made-up reports in it by the million."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from gridmap import demonstration
from gridmap.areas.model import Jurisdiction
from gridmap.cases.demonstrating import demonstrate
from gridmap.cases.inspections import demonstrating as inspections
from gridmap.cli.common import console, errors, opened, row_bar, step_bar
from gridmap.database.sessions import Database
from gridmap.generated.loading import add_reports
from gridmap.generated.nation import add_nation


def demo(
    reports: Annotated[int | None, typer.Option(help="How many made-up reports to add: 10_000_000.")] = None,
    months: Annotated[int, typer.Option(help="Over how many months, up to December 2023.")] = 12,
    seed: Annotated[int, typer.Option(help="Another seed, other reports.")] = 1,
    nation: Annotated[int | None, typer.Option(help="Instead of the district, so many grids.")] = None,
    cases: Annotated[
        bool, typer.Option("--cases", help="Reports of the last days, and their cases with history.")
    ] = False,
) -> None:
    """Load the demonstration district, or a made-up nation, and as many made-up reports into it as are asked
    for. The same numbers again add nothing."""
    with opened() as database:
        where = _load(database, nation)
        name = f"{where.name_en} {where.code}" if nation else f"demonstration district {where.name}"
        console.print(f"The {name} (示意数据) is loaded.", highlight=False)
        if cases:
            _add_cases(database, where)
            _add_inspections(database, where)
        if reports is not None:
            _add(database, where, reports, months, seed)


def _load(database: Database, nation: int | None) -> Jurisdiction:
    if nation is not None:
        with step_bar("nation", str) as progress:
            return add_nation(database, nation, progress)
    with errors.status("demonstration") as status:
        demonstration.load(database, lambda step: status.update(f"demonstration: {step}"))
    return demonstration.JURISDICTION


def _add_cases(database: Database, where: Jurisdiction) -> None:
    with errors.status("cases") as status:
        made = demonstrate(database, where, lambda done, of: status.update(f"cases: {done} of {of}"))
    if not made:
        console.print("There are cases already, or no reports of December 2023; nothing was added.")
        return
    states = ", ".join(f"{state} {count}" for state, count in sorted(made.items()))
    console.print(f"{sum(made.values())} cases added ({states}).", highlight=False)


def _add_inspections(database: Database, where: Jurisdiction) -> None:
    with database.writing() as connection:
        made = inspections.demonstrate(connection, where)
    if made:
        console.print(f"{made:,} inspections added.", highlight=False)


def _add(database: Database, where: Jurisdiction, reports: int, months: int, seed: int) -> None:
    start = time.perf_counter()
    with row_bar("reports", reports) as progress:
        made = add_reports(database, where, reports, months=months, seed=seed, progress=progress)
    seconds = time.perf_counter() - start
    if made.added:
        placed = ", ".join(f"{method} {count:,}" for method, count in sorted(made.methods.items()))
        console.print(
            f"{made.added:,} reports added in {seconds:.1f} s, {made.added / seconds:,.0f} a second"
            f" (placed: {placed}).",
            highlight=False,
        )
    if made.known:
        console.print(
            f"{made.known:,} of these reports were there already; another --seed makes others.",
            highlight=False,
        )
