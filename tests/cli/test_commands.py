"""The command line as people type it: what it answers, and how it refuses."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest
import sqlalchemy as sa

import gridmap
from gridmap import demonstration
from gridmap.areas import store as areas
from gridmap.database import tables as t
from gridmap.errors import BadCoordinate, BadInput
from gridmap.faces.service import KERNELS
from gridmap.opening import open_gridmap
from gridmap.people.telling import told
from tests.faces.conftest import populated

HERE = ("109.4858", "36.6208")


def test_locate_names_the_grid_in_every_datum(run, demo) -> None:
    grids = set()
    for datum in ("wgs84", "cgcs2000"):
        code, out, _ = run(demo, "locate", *HERE, "--datum", datum, "--json")
        assert code == 0
        grids.add(json.loads(out)["grid"]["code"])
    assert len(grids) == 1
    _, out, _ = run(demo, "locate", *HERE, "--datum", "bd09", "--accuracy", "40", "--json")
    found = json.loads(out)
    assert found["grid"]["code"] not in grids, "BD-09 lies about 1.2 km off"
    assert sum(c["probability"] for c in found["candidates"]) == pytest.approx(1, abs=0.01)
    assert found.keys() == {
        "grid",
        "compound",
        "community",
        "building",
        "method",
        "edge_distance_m",
        "candidates",
        "who",
    }
    assert found["who"]["answers"]["area"] in (found["grid"]["code"], found["community"]["code"])


def test_locate_says_the_same_in_python(run, demo) -> None:
    _, out, _ = run(demo, "locate", *HERE, "--datum", "gcj02", "--json")
    found = gridmap.locate(float(HERE[0]), float(HERE[1]), datum="gcj02", settings=demo)
    assert found.grid.code == json.loads(out)["grid"]["code"]
    assert found.edge_distance_m == json.loads(out)["edge_distance_m"]
    assert told(found.who, people=True) == json.loads(out)["who"]
    _, out, _ = run(demo, "locate", *HERE, "--datum", "gcj02")
    holder = found.who.answers.holders[0]
    assert f"{holder.name} {holder.phone}" in out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("nan", "36.6", "--datum", "wgs84"), "lon"),
        (("1e400", "36.6", "--datum", "wgs84"), "lon"),
        (("1_09.4", "36.6", "--datum", "wgs84"), "lon"),
        (("true", "36.6", "--datum", "wgs84"), "lon"),
        (("109.4", "", "--datum", "wgs84"), "lat"),
        (("36.6208", "109.4858", "--datum", "wgs84"), "swapped"),
        (("0", "0", "--datum", "wgs84"), "knows no position"),
        (("116.39", "39.91", "--datum", "wgs84"), "200 km"),
        ((*HERE, "--datum", "WGS-84"), "datum"),
        ((*HERE, "--datum", "wgs84", "--accuracy", "-3"), "accuracy"),
        ((*HERE, "--datum", "wgs84", "--accuracy", "nan"), "accuracy"),
        ((*HERE, "--datum", "wgs84", "--jurisdiction", "nowhere"), "jurisdiction"),
    ],
)
def test_locate_refuses_by_name(run, demo, arguments, named) -> None:
    code, out, err = run(demo, "locate", *arguments)
    assert (code, out) == (2, "")
    assert named in err
    assert "Traceback" not in err


def test_python_refuses_likewise(demo) -> None:
    with pytest.raises(BadCoordinate):
        gridmap.locate(float("nan"), 36.6, datum="wgs84", settings=demo)
    with pytest.raises(BadInput, match="datum"):
        gridmap.locate(109.4858, 36.6208, datum="mars", settings=demo)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--month", "2023-13", "--out", "x"), "month"),
        (("--month", "juin", "--out", "x"), "month"),
        (("--month", "2023-06", "--out", "x", "--format", "docx"), "format"),
        (("--month", "2023-06", "--out", "x", "--category", "matter-00000"), "category"),
        (("--month", "2023-06", "--out", "x", "--lang", "fr"), "lang"),
        (("--month", "2023-06", "--out", "file/x"), "--out"),
    ],
)
def test_export_refuses_by_name_and_writes_nothing(run, demo, tmp_path, arguments, named) -> None:
    (tmp_path / "file").write_text("in the way")
    code, _, err = run(demo, "export", "heatmap", *arguments)
    assert code == 2
    assert named in err
    assert not (tmp_path / "x").exists()


def test_a_real_district_begins_empty(run, make_settings) -> None:
    settings = make_settings()
    code, out, _ = run(settings, "init", "--empty", "--jurisdiction", "610602901", "--name", "示例街道")
    assert code == 0
    assert "610602901 示例街道" in out
    code, _, err = run(settings, "init", "--empty", "--jurisdiction", "610602901", "--name", "又一次")
    assert code == 2
    assert "already" in err
    code, _, err = run(settings, "locate", *HERE, "--datum", "wgs84")
    assert code == 2
    assert "no areas yet" in err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--empty",), "--jurisdiction"),
        (("--empty", "--jurisdiction", "a"), "--name"),
        (("--empty", "--jurisdiction", "a b", "--name", "x"), "--jurisdiction"),
        (("--empty", "--jurisdiction", "a", "--name", "x\0"), "--name"),
        (("--empty", "--jurisdiction", "a", "--name", "x", "--time-zone", "Mars/One"), "--time-zone"),
        (("--jurisdiction", "a"), "--jurisdiction"),
    ],
)
def test_init_refuses_by_name(run, make_settings, arguments, named) -> None:
    code, _, err = run(make_settings(), "init", *arguments)
    assert code == 2
    assert named in err


def test_reports_import_prints_its_summary(run, make_settings, shared_data: Path, tmp_path) -> None:
    settings = make_settings()
    boston = shared_data / "boston"
    run(settings, "init", "--empty", "--jurisdiction", "boston", "--name", "Boston")
    areas = ("areas", "import", str(boston / "neighbourhoods.geojson"), "--kind", "grid")
    code, out, _ = run(settings, *areas, "--code-field", "name", "--name-field", "name")
    assert code == 0, out
    imported = ("reports", "import", str(boston / "boston311-100-bad.tsv"), "--datum", "wgs84")
    code, out, _ = run(settings, *imported)
    assert code == 0
    assert "piled on one coordinate: 19 rows at lon -71.0587, lat 42.3594" in out
    assert "has 30 values where the heading has 29" in out
    assert (tmp_path / "boston311-100-bad.tsv.rejected.csv").exists()
    code, _, err = run(settings, "reports", "import", "nothing.csv", "--datum", "wgs84")
    assert code == 2
    assert "nothing.csv" in err


def test_wrong_settings_are_named(run, demo, monkeypatch) -> None:
    monkeypatch.setenv("GRIDMAP_PORT", "http")
    code, _, err = run(demo, "stats", "monthly")
    assert code == 2
    assert "GRIDMAP_PORT" in err


def loaded_by(code: str, *modules: str) -> list[str]:
    """Which of these modules a fresh Python has loaded after running the code."""
    told = f"\nimport sys; print([m for m in {modules!r} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code + told], capture_output=True, text=True, check=True)
    return literal_eval(done.stderr)


def test_help_does_not_wait_for_the_compiler() -> None:
    helped = """if True:
        from contextlib import suppress
        from gridmap.cli import app
        with suppress(SystemExit):
            app(["--help"])
    """
    heavy = ("numba", "dask", "folium", "matplotlib.pyplot", "gridmap.faces.app")
    assert loaded_by(helped, *heavy, "typer") == ["typer"]


def test_a_service_compiles_before_it_is_ready() -> None:
    compiled = """if True:
        from gridmap.faces.service import KERNELS
        from gridmap.geometry.compiling import warm
        warm(KERNELS)
    """
    assert loaded_by(compiled, *KERNELS) == list(KERNELS)


def test_stats(run, demo) -> None:
    code, out, _ = run(demo, "stats", "monthly", "--month", "2023-06", "--by", "category")
    assert code == 0
    assert "local-teastall" in out
    code, out, _ = run(demo, "stats", "scale")
    assert code == 0
    assert "per grid" in out or "none is kept" in out


def test_stats_hotspots(run, demo) -> None:
    asked = ("stats", "hotspots", "--month", "2023-05", "--category", "matter-09001")
    code, out, _ = run(demo, *asked)
    assert code == 0
    assert "610602006005004" in out
    assert "2 grids starred" in out
    assert "uncertain 19" in out
    code, out, _ = run(demo, *asked, "--include", "uncertain", "--json")
    told = json.loads(out)
    assert (code, told["left_out"]["reports"], told["left_out"]["included"]) == (0, 0, ["uncertain"])
    assert len(told["items"]) == 70
    code, out, _ = run(demo, "stats", "hotspots", "--month", "2023-06", "--category", "local-dispute")
    assert (code, out) == (0, "not tested: of a private category it would give counts away\n")
    code, _, err = run(demo, *asked, "--include", "rumour")
    assert (code, "include" in err) == (2, True)


def test_an_exported_map_says_what_was_let_in(run, demo, tmp_path: Path) -> None:
    asked = ("export", "heatmap", "--month", "2023-06", "--out", str(tmp_path), "--format", "geojson")
    assert run(demo, *asked, "--include", "uncertain,pile")[0] == 0
    (path,) = tmp_path.glob("*.geojson")
    assert any("计入：同一坐标堆积、网格不确定" in note for note in json.loads(path.read_text())["notes"])


def test_the_audit_of_the_demonstration_finds_nothing(run, demo) -> None:
    code, out, _ = run(demo, "reports", "audit", "--since", "2023-05-01", "--until", "2023-07-31")
    assert (code, out) == (0, "no placement differs\n")


def test_the_audit_prints_what_differs_and_ends_with_1(run, make_settings) -> None:
    settings = populated(make_settings)
    with open_gridmap(settings) as database, database.writing() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # past the triggers
        report = t.report
        one = sa.select(report.c.id).order_by(report.c.occurred_at).limit(1).scalar_subquery()
        lost = report.update().where(report.c.id == one).values(grid_version=None, method="outside")
        id_ = connection.execute(lost.returning(report.c.id)).scalar_one()
    code, out, _ = run(settings, "reports", "audit")
    assert code == 1
    differing, last = out.splitlines()
    assert differing.startswith(f"{id_} 2023-05-01 stored: outside, community C0/")
    assert "; SQL: covers, grid G00/" in differing
    assert last == "1 placements differ from SQL's"
    code, _, err = run(settings, "reports", "audit", "--since", "2023-05-02", "--until", "2023-05-01")
    assert (code, err) == (2, "gridmap: until: must not be before `since`\n")


def test_export_annual_writes_the_year(run, demo, tmp_path: Path) -> None:
    code, out, _ = run(demo, "export", "annual", "--year", "2023", "--out", "year")
    assert code == 0
    assert "39 figures, 1 cannot be derived" in out
    made = {path.name for path in (tmp_path / "year").iterdir()}
    assert made == {"annual.html", "annual.csv", "annual.json", "rows"}
    figures = {row["key"]: row for row in json.loads((tmp_path / "year" / "annual.json").read_bytes())}
    assert figures["disputes_found"]["value"] == 31
    code, _, err = run(demo, "export", "annual", "--year", "23", "--out", "none")
    assert (code, "year" in err, (tmp_path / "none").exists()) == (2, True, False)


def test_export_annual_ends_with_1_when_a_sum_does_not_hold(
    run, make_settings, demonstrated, tmp_path: Path
) -> None:
    settings = make_settings(template=demonstrated)
    with open_gridmap(settings) as database, database.writing() as connection:
        connection.execute(
            sa.text(
                "DELETE FROM work_report USING work WHERE work.id = work_id AND kind = 'case_settled'"
                " AND work_id = (SELECT min(id::text)::uuid FROM work WHERE kind = 'case_settled')"
            )
        )
    code, _, err = run(settings, "export", "annual", "--year", "2023", "--out", "year")
    assert code == 1
    assert "cases_settled 18 is not cases_assigned 19" in err
    assert (tmp_path / "year" / "annual.html").is_file()


def test_stats_fold_verify_and_recut(run, make_settings, demonstrated, tmp_path: Path) -> None:
    settings = make_settings(template=demonstrated)
    with open_gridmap(settings) as database, database.reading() as connection:
        grids = areas.editions(connection, demonstration.JURISDICTION.code, "grid")
    assert "deltas folded" in run(settings, "stats", "fold")[1]
    code, out, _ = run(settings, "stats", "verify")
    assert (code, "0 months differ" in out) == (0, True)
    code, out, _ = run(settings, "stats", "recut", "--edition", str(grids[0].id), "--from", "2023-06")
    assert code == 0
    assert "7 months cut" in out
    assert "0 lie in another grid" in out
    _, out, _ = run(settings, "stats", "monthly", "--edition", str(grids[0].id), "--by", "grid")
    assert "2023-06" in out
    with open_gridmap(settings) as database, database.writing() as connection:
        connection.execute(
            sa.text("UPDATE report_count SET reports = reports + 1 WHERE month = '2023-06-01'")
        )
    code, out, _ = run(settings, "stats", "verify", "--mend")
    assert (code, "1 months differ" in out) == (1, True)
    assert run(settings, "stats", "verify")[0] == 0
    for wrong, field in (
        (("--edition", "999"), "edition"),
        (("--edition", str(grids[0].id), "--from", "2023"), "from"),
        (("--edition", str(grids[0].id), "--to", "June"), "to"),
        (("--edition", str(grids[0].id), "--from", "2023-06", "--to", "2023-05"), "to"),
    ):
        code, _, err = run(settings, "stats", "recut", *wrong)
        assert (code, f"{field}: " in err) == (2, True)


def test_reports_are_exported_by_months(run, demo, tmp_path) -> None:
    code, out, _ = run(demo, "reports", "export", "--out", "june.csv", "--from", "2023-06", "--to", "2023-06")
    assert (code, out) == (0, "786 reports in june.csv\n")
    assert len((tmp_path / "june.csv").read_text(encoding="utf-8-sig").splitlines()) == 787
    for options, said in (
        (("--out", "june.dwg"), ".csv, .ndjson, .geojson, .gpkg"),
        (("--out", "june.csv", "--from", "June"), "2023-06"),
        (("--out", "no/june.csv"), "no"),
        (("--out", "june.csv", "--category", "nothing"), "category"),
    ):
        code, _, err = run(demo, "reports", "export", *options)
        assert code == 2
        assert said in err


def test_stats_table_is_month_by_grid_by_category(run, make_settings, demonstrated, tmp_path: Path) -> None:
    settings = make_settings(template=demonstrated)
    with open_gridmap(settings) as database, database.reading() as connection:
        told = connection.execute(
            sa.text(
                "SELECT to_char(r.occurred_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month,"
                " coalesce(v.code, ''), r.category, count(*)::text FROM report r"
                " LEFT JOIN area_version v ON v.id = r.grid_version GROUP BY 1, 2, 3"
            )
        ).all()
    private = {"local-dispute", "local-petition", "local-stability"}
    for options, months in ((), {row[0] for row in told}), (("--from", "2023-06", "--to", "2023-07"), None):
        path = tmp_path / "table.csv"
        assert run(settings, "stats", "table", "--out", str(path), *options)[0] == 0
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
        assert rows[0] == ["month", "grid", "category", "reports"]
        kept = months or {"2023-06", "2023-07"}
        public = [tuple(row) for row in rows[1:] if row[2] not in private]
        assert public == sorted(tuple(row) for row in told if row[0] in kept and row[2] not in private)
        assert {row[3] for row in rows if row[2] in private} == {"masked"}
    code, _, err = run(settings, "stats", "table", "--out", str(tmp_path / "no" / "table.csv"))
    assert (code, "--out" in err) == (2, True)
