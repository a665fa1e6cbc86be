"""`gridmap scale place|recut|monthly`: reports in partitioned GeoParquet, on processes here or on Dask's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gridmap.areas import store as areas
from gridmap.areas.atlas import Atlas
from gridmap.cli.common import JurisdictionOption, console, errors, existing, opened, read_settings
from gridmap.errors import BadInput

if TYPE_CHECKING:
    from gridmap.scale.cluster import Client
    from gridmap.scale.jobs import Summary

app = typer.Typer(no_args_is_help=True)

Areas = Annotated[
    list[str] | None,
    typer.Option(
        help="Number of an edition, or a file of `areas export`; several times. Default: all editions."
    ),
]
Scheduler = Annotated[str | None, typer.Option(help="A Dask scheduler: tcp://host:port.")]
Workers = Annotated[int | None, typer.Option(help="Processes on this machine. Default: its processors.")]
TimeField = Annotated[str, typer.Option(help="The column of when it occurred.", rich_help_panel="Columns")]


@app.callback()
def scale() -> None:
    """Reports in partitioned GeoParquet."""


@app.command("place")
def place(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A folder or glob of Parquet files.")],
    out: Annotated[Path, typer.Argument(help="Folder for as many files; made where missing.")],
    areas: Areas = None,
    datum: Annotated[str | None, typer.Option(help="Of coordinates whose file does not say.")] = None,
    scheduler: Scheduler = None,
    workers: Workers = None,
    jurisdiction: JurisdictionOption = None,
    time_zone: Annotated[str | None, typer.Option(help="With files of areas; default the settings'.")] = None,
    edge_distance: Annotated[bool, typer.Option(help="Metres to the nearest edge of a grid.")] = True,
    keep_refused: Annotated[bool, typer.Option(help="Keep rows that are no place here.")] = False,
    time_field: TimeField = "occurred_at",
    lon_field: Annotated[str, typer.Option(help="Longitude.", rich_help_panel="Columns")] = "lon",
    lat_field: Annotated[str, typer.Option(help="Latitude.", rich_help_panel="Columns")] = "lat",
    datum_field: Annotated[str, typer.Option(help="Each row's datum.", rich_help_panel="Columns")] = "datum",
) -> None:
    """Write every partition of INPUT with the grid, community, compound and building of each row, on the
    areas of the row's own day. The same command after a kill goes on where it was."""
    # Dask takes a second to import, which other commands need not wait for
    from gridmap.scale.jobs import place as run
    from gridmap.scale.model import Columns, Options
    from gridmap.scale.plan import Plan

    atlas, zone = _areas(areas or [], jurisdiction, time_zone)
    columns = Columns(time_field, lon_field, lat_field, datum_field)
    options = Options(zone, columns, datum, edge_distance, keep_refused)
    with _client(scheduler, workers) as client, _bar("placing") as progress:
        summary = run(client, source, out, Plan(atlas, options), progress)
    _print(summary, out)


@app.command("recut")
def recut(
    source: Annotated[str, typer.Argument(metavar="PLACED", help="What `scale place` wrote.")],
    out: Annotated[Path, typer.Argument(help="Folder for as many files; made where missing.")],
    areas: Areas = None,
    scheduler: Scheduler = None,
    workers: Workers = None,
    jurisdiction: JurisdictionOption = None,
    edge_distance: Annotated[bool, typer.Option(help="Metres to the nearest edge of a grid.")] = True,
    time_field: TimeField = "occurred_at",
) -> None:
    """Write PLACED anew with every row in the editions named, whatever its day. Kinds of which no edition is
    named stay as they are; the community follows the grid."""
    from gridmap.scale.editions import always
    from gridmap.scale.jobs import place as run
    from gridmap.scale.model import Columns, Options
    from gridmap.scale.plan import Plan

    if not areas:
        raise BadInput("say to which editions", field="areas")
    zone = _zone_of(source)
    named, _ = _areas(areas, jurisdiction, None)
    base = named if _are_files(areas) else _areas([], jurisdiction, None)[0]
    atlas, kinds = always(base, named)
    atlas = replace(atlas, nearest_tolerance_m=named.nearest_tolerance_m)
    options = Options(zone, Columns(time_field), None, edge_distance, recut=kinds)
    with _client(scheduler, workers) as client, _bar("cutting anew") as progress:
        summary = run(client, source, out, Plan(atlas, options), progress)
    _print(summary, out)


@app.command("monthly")
def monthly(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="What `scale place` wrote, or what it reads.")
    ],
    out: Annotated[Path, typer.Argument(help="A .csv or .parquet file.")],
    by: Annotated[str, typer.Option(help="grid, community, compound or building.")] = "grid",
    unplaced: Annotated[bool, typer.Option("--unplaced", help="Place INPUT on the way.")] = False,
    areas: Areas = None,
    datum: Annotated[str | None, typer.Option(help="Of coordinates whose file does not say.")] = None,
    scheduler: Scheduler = None,
    workers: Workers = None,
    jurisdiction: JurisdictionOption = None,
    time_zone: Annotated[str | None, typer.Option(help="With files of areas; default the settings'.")] = None,
    keep_refused: Annotated[bool, typer.Option(help="Count rows that are no place here.")] = False,
    time_field: TimeField = "occurred_at",
    category_field: Annotated[str, typer.Option(help="Category.", rich_help_panel="Columns")] = "category",
    lon_field: Annotated[str, typer.Option(help="Longitude.", rich_help_panel="Columns")] = "lon",
    lat_field: Annotated[str, typer.Option(help="Latitude.", rich_help_panel="Columns")] = "lat",
    datum_field: Annotated[str, typer.Option(help="Each row's datum.", rich_help_panel="Columns")] = "datum",
) -> None:
    """Count INPUT by month of its time zone, area and category."""
    from gridmap.scale import monthly as counts
    from gridmap.scale.model import Columns, Options
    from gridmap.scale.plan import Plan

    counts.check_out(out)
    counts.check_by(by)
    if unplaced:
        atlas, zone = _areas(areas or [], jurisdiction, time_zone)
        columns = Columns(time_field, lon_field, lat_field, datum_field)
        plan = Plan(atlas, Options(zone, columns, datum, distances=False, keep_refused=keep_refused))
    elif areas or time_zone or datum:
        raise BadInput("of a placed dataset is known; give it only with --unplaced", field="areas")
    else:
        plan, zone = None, _zone_of(source)
    counting = counts.Counting(by, zone, time_field, category_field, plan)
    with _client(scheduler, workers) as client, _bar("counting") as progress:
        table = counts.monthly(client, source, counting, progress)
    counts.write(table, by, out)
    reports = sum(table.column("reports").to_pylist())
    console.print(f"{reports:,} reports in {len(table):,} rows of {out}", markup=False, highlight=False)


def _zone_of(source: str) -> str:
    """The time zone that a placed dataset tells. Raises BadFile when it is not placed."""
    from gridmap.scale.layout import placed_with
    from gridmap.scale.reading import find

    first = find(source)[0]
    return str(placed_with(first.path, first.name)["time_zone"])


def _are_files(given: list[str]) -> bool:
    """Whether areas come from files. Raises BadInput when some do and some are numbers."""
    numbers = [each.isascii() and each.isdigit() for each in given]
    if any(numbers) and not all(numbers):
        raise BadInput("give numbers of editions or files, not both", field="areas")
    return bool(given) and not any(numbers)


def _areas(given: list[str], jurisdiction: str | None, time_zone: str | None) -> tuple[Atlas, str]:
    """(atlas, time zone): of the database's editions, or of files without any database."""
    from gridmap.scale.editions import from_database, from_files

    settings = read_settings()
    if _are_files(given):
        atlas = from_files(jurisdiction or "files", [existing(Path(each)) for each in given])
        zone = _zone(time_zone) if time_zone else settings.time_zone
    elif time_zone:
        raise BadInput("belongs to the jurisdiction; give it only with files of areas", field="time-zone")
    else:
        with opened() as database, database.reading() as connection:
            chosen = areas.jurisdiction(connection, jurisdiction)
            atlas = from_database(connection, chosen.code, {int(each) for each in given})
        zone = chosen.time_zone
    return replace(atlas, nearest_tolerance_m=settings.nearest_tolerance_m), zone


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, ZoneInfoNotFoundError):
        raise BadInput(f"{name!r} is not a time zone; try Asia/Shanghai", field="time-zone") from None


@contextmanager
def _client(scheduler: str | None, workers: int | None) -> Iterator[Client]:
    from gridmap.scale.cluster import local, remote

    if scheduler and workers:
        raise BadInput("a scheduler has workers of its own; give one of the two", field="workers")
    with remote(scheduler) if scheduler else local(workers or os.cpu_count() or 1) as client:
        yield client


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _print(summary: Summary, out: Path) -> None:
    table = Table(show_header=False, box=None)
    lines = [
        ("rows", summary.rows),
        ("files", summary.partitions),
        ("  kept of an earlier run", summary.kept),
        *((f"  placed: {name}", count) for name, count in sorted(summary.methods.items()) if name),
        ("without a coordinate", summary.methods.get("", 0)),
    ]
    for label, value in lines:
        table.add_row(label, f"{value:,}")
    console.print(str(out), markup=False, highlight=False)
    console.print(table)
