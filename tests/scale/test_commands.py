"""The commands as people type them: on an address, on processes of their own, killed, and again."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import geopandas
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from gridmap.areas import store
from gridmap.cli import main
from gridmap.reports.files import import_file
from gridmap.reports.reading import Reading
from gridmap.scale.jobs import MANIFEST
from tests.scale.conftest import HERE, LATER


@pytest.fixture
def run(run, town, cluster_client):
    """run(*arguments) -> (exit code, standard output, standard error), on the workers of an address."""
    address = ("--scheduler", cluster_client.scheduler.address)
    return lambda *arguments: run(town.settings, "scale", *map(str, arguments), *address)


def rows(folder: Path) -> pd.DataFrame:
    found = pd.DataFrame(geopandas.read_parquet(folder)).set_index("id").sort_index()
    return found.astype(
        {name: "object" for name in found if isinstance(found[name].dtype, pd.CategoricalDtype)}
    )


def test_editions_of_the_database_and_their_files_place_alike(run, dataset, area_files, tmp_path) -> None:
    code, out, err = run("place", dataset, tmp_path / "a")
    assert (code, err.strip()) == (0, "")
    assert "12,000" in out
    given = [part for path in area_files for part in ("--areas", path)]
    code, _, err = run("place", dataset, tmp_path / "b", *given)
    assert (code, err.strip()) == (0, "")
    pd.testing.assert_frame_equal(rows(tmp_path / "a"), rows(tmp_path / "b"))


def test_recut_by_number_and_by_file_are_alike(run, town, dataset, area_files, tmp_path) -> None:
    run("place", dataset, tmp_path / "placed")
    with town.reading() as connection:
        number = next(e.id for e in store.editions(connection, HERE.code, "grid") if e.valid_from == LATER)
    code, _, err = run("recut", tmp_path / "placed", tmp_path / "a", "--areas", number)
    assert (code, err.strip()) == (0, "")
    files = ("--areas", area_files[1], "--areas", area_files[2])
    code, _, err = run("recut", tmp_path / "placed", tmp_path / "b", *files)
    assert (code, err.strip()) == (0, "")
    pd.testing.assert_frame_equal(rows(tmp_path / "a"), rows(tmp_path / "b"))
    before = rows(tmp_path / "placed")
    assert (rows(tmp_path / "a").grid.fillna("") != before.grid.fillna("")).any()


@pytest.mark.parametrize("by", ["grid", "community", "compound"])
def test_counting_what_is_not_placed_is_counting_what_is(run, dataset, tmp_path, by) -> None:
    run("place", dataset, tmp_path / "placed")
    assert run("monthly", tmp_path / "placed", tmp_path / "a.csv", "--by", by)[0] == 0
    code, _, err = run("monthly", dataset, tmp_path / "b.csv", "--by", by, "--unplaced")
    assert (code, err.strip()) == (0, "")
    assert (tmp_path / "a.csv").read_text("utf-8") == (tmp_path / "b.csv").read_text("utf-8")


def test_monthly_sums_are_the_databases(run, town, reports, dataset, tmp_path) -> None:
    run("place", dataset, tmp_path / "placed")
    code, out, err = run("monthly", tmp_path / "placed", tmp_path / "sums.csv")
    assert (code, err.strip()) == (0, "")
    assert "12,000 reports" in out
    run("monthly", tmp_path / "placed", tmp_path / "sums.parquet")
    with (tmp_path / "sums.csv").open(encoding="utf-8", newline="") as stream:
        counted = Counter(
            {
                (r["month"], r["grid"] or None, r["category"]): int(r["reports"])
                for r in csv.DictReader(stream)
            }
        )
    as_parquet = pq.read_table(tmp_path / "sums.parquet").to_pylist()
    assert (
        Counter({(f"{r['month']:%Y-%m}", r["grid"], r["category"]): r["reports"] for r in as_parquet})
        == counted
    )
    reports.assign(description="x").rename(columns={"id": "client_id"}).to_csv(
        tmp_path / "reports.csv", index=False
    )
    import_file(town, HERE, tmp_path / "reports.csv", Reading(datum="wgs84"), loaded_by="tests")
    query = sa.text(
        """
        SELECT to_char(r.occurred_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), v.code, r.category, count(*)
        FROM report r LEFT JOIN area_version v ON v.id = r.grid_version GROUP BY 1, 2, 3
        """
    )
    with town.reading() as connection:
        stored = Counter({(m, code, category): n for m, code, category, n in connection.execute(query)})
    assert counted == stored
    assert len({month for month, _, _ in counted}) == 3


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("place", "{in}", "{out}", "--areas", "99999"), "no edition 99999"),
        (("place", "{in}", "{out}", "--areas", "nowhere.geojson"), "nowhere.geojson"),
        (("place", "{in}", "{out}", "--areas", "1", "--areas", "x.geojson"), "not both"),
        (("place", "{in}", "{out}", "--areas", "{files}", "--time-zone", "Mars"), "time-zone"),
        (("place", "{in}", "{out}", "--time-zone", "Asia/Urumqi"), "time-zone"),
        (("place", "{in}", "{out}", "--workers", "2"), "workers"),
        (("place", "{in}", "{out}", "--jurisdiction", "x"), "jurisdiction"),
        (("place", "{in}/nothing", "{out}"), "input"),
        (("place", "{in}", "{out}", "--time-field", "when"), "when: part-0.parquet"),
        (("recut", "{in}", "{out}"), "areas"),
        (("recut", "{in}", "{out}", "--areas", "1"), "not made by"),
        (("monthly", "{in}", "{out}.csv"), "not made by"),
        (("monthly", "{in}", "{out}.xlsx"), ".csv or .parquet"),
        (("monthly", "{in}", "{out}.csv", "--by", "street"), "by"),
        (("monthly", "{in}", "{out}.csv", "--areas", "1"), "--unplaced"),
        (("monthly", "{in}", "{out}.csv", "--unplaced", "--category-field", "x"), "x: part-0.parquet"),
    ],
)
def test_commands_refuse_by_name_and_write_nothing(
    run, dataset, area_files, tmp_path, arguments, named
) -> None:
    names = {"in": dataset, "out": tmp_path / "out", "files": area_files[0]}
    code, out, err = run(*(each.format(**names) for each in arguments))
    assert (code, out) == (2, "")
    assert named in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_an_address_where_nobody_answers(monkeypatch, capsys, dataset, area_files, tmp_path) -> None:
    for address in ("nonsense://x", "tcp://127.0.0.1:1"):
        command = ["place", dataset, tmp_path / "out", "--areas", area_files[0], "--scheduler", address]
        monkeypatch.setattr("gridmap.scale.cluster.PATIENCE", 1)
        monkeypatch.setattr(sys, "argv", ["gridmap", "scale", *map(str, command)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        assert "scheduler" in capsys.readouterr().err


def test_killed_and_run_again_it_is_the_clean_result(reports, write_partitions, area_files, tmp_path) -> None:
    """kill -9 to the whole group, so that workers die in the midst of files."""
    source = write_partitions(tmp_path / "in", reports)
    for n in range(3, 60):  # more of the same, so that there is something left to do
        (source / f"part-{n}.parquet").write_bytes((source / f"part-{n % 3}.parquet").read_bytes())
    given = [part for path in area_files for part in ("--areas", str(path))]
    command = [sys.executable, "-m", "gridmap", "scale", "place", str(source), str(tmp_path / "out"), *given]
    process = subprocess.Popen(
        [*command, "--workers", "2"], start_new_session=True, stderr=subprocess.DEVNULL
    )
    out = tmp_path / "out"
    for _ in range(1_200):
        if len(list(out.glob("*.parquet"))) >= 2 or process.poll() is not None:
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    finished = {path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    assert 2 <= len(finished) < 60, "it was killed in the midst"
    assert not (out / MANIFEST).exists()
    for name in finished:
        assert pq.ParquetFile(out / name).metadata.num_rows == 4_000
    again = subprocess.run(
        [*command, "--workers", "2"], capture_output=True, text=True, timeout=300, check=True
    )
    assert "240,000" in again.stdout
    assert len(list(out.glob("*.parquet"))) == 60
    assert list(out.glob(".*")) == []
    for name, time_ns in finished.items():
        assert (out / name).stat().st_mtime_ns == time_ns, "what was finished is kept"
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    assert manifest["rows"] == 240_000
    by_name = {p["name"]: p["methods"] for p in manifest["partitions"]}
    assert all(by_name[f"part-{n}.parquet"] == by_name[f"part-{n % 3}.parquet"] for n in range(60))
