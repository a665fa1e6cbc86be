"""A whole job: the files it reads and writes, and the manifest that says what was made of what."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from distributed import Client

from gridmap.errors import BadInput, Conflict
from gridmap.scale.cluster import run
from gridmap.scale.model import Done, Partition, Task
from gridmap.scale.placing import place_partition
from gridmap.scale.plan import Plan
from gridmap.scale.reading import examine, find

# Readers of a folder pass over names that begin with an underscore; manifest.json they would take for data.
MANIFEST = "_manifest.json"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a job came to. `methods` as in Done."""

    partitions: int
    kept: int
    rows: int
    methods: Counter[str]


def place(
    client: Client,
    source: str,
    out: Path,
    plan: Plan,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Summary:
    """Place (or, where the plan says so, re-cut) every partition of `source` into the folder `out`.

    An output file is whole or not there. The same job again keeps what it finished and makes the rest.
    `on_progress` hears of rows done and rows in all. Raises BadFile, BadCoordinate, BadInput, Conflict.
    """
    partitions = find(source)
    tasks = [Task(p, str(out.absolute() / p.name), plan.job) for p in partitions]
    _check_out(out, partitions, tasks)
    examine(partitions, plan.options)
    _make_folder(out)
    total, rows = sum(p.rows for p in partitions), 0
    done: list[Done] = []

    def note(one: Done) -> None:
        nonlocal rows
        done.append(one)
        rows += one.rows
        on_progress(rows, total)

    on_progress(0, total)
    run(client, place_partition, tasks, plan, note)
    _write_manifest(out, plan, done)
    methods = sum((Counter(each.methods) for each in done), Counter[str]())
    return Summary(len(done), sum(each.kept for each in done), rows, methods)


def _check_out(out: Path, partitions: Sequence[Partition], tasks: Sequence[Task]) -> None:
    """Refuse to write over the input, and to mix with what another input left."""
    ours = {os.path.realpath(task.out) for task in tasks}
    top = os.path.realpath(out)
    for partition in partitions:
        if os.path.commonpath([top, os.path.realpath(partition.path)]) == top:
            raise BadInput(f"{out} holds the input; give another folder", field="out")
    there = {os.path.realpath(path): path for path in out.rglob("*.parquet")} if out.is_dir() else {}
    strange = sorted(str(path) for real, path in there.items() if real not in ours)
    if strange:
        raise Conflict(f"{strange[0]} was not made from this input; give a folder of its own", field="out")


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{out} cannot be a folder: {error.strerror}", field="out") from None


def _write_manifest(out: Path, plan: Plan, done: Sequence[Done]) -> None:
    document = {
        "job": plan.job,
        **plan.said(),
        "rows": sum(each.rows for each in done),
        "partitions": [each.record() for each in sorted(done, key=lambda each: each.name)],
    }
    unfinished = out / f"{MANIFEST}.part"
    unfinished.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(out / MANIFEST)
