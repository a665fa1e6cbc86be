"""Peak memory of exporting reports, importing that file elsewhere, and drawing the month's heat map, at three
sizes: `python -m tests.benchmarks memory`. Only when asked for: ten million reports go in twice.

Each step is a process of its own: `python -m tests.benchmarks.memory export|import|heat URL CODE FILE`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from gridmap.areas.store import jurisdictions
from gridmap.database.sessions import Database, make_engine
from gridmap.generated.loading import add_reports
from gridmap.settings import Settings
from gridmap.statistics.counts.folding import fold
from tests.benchmarks.heat import MONTH, district
from tests.benchmarks.heat_page import peak_memory
from tests.benchmarks.measure import Figure

SIZES = (100_000, 1_000_000, 10_000_000)
STEPS = ("export", "import", "heat")


def run(database: Database) -> list[Figure]:
    peaks: dict[str, list[int]] = {step: [] for step in STEPS}
    for rows in SIZES:
        owner, twin = (district(database, f"{name}-{rows}") for name in ("memory", "twin"))
        add_reports(database, owner, rows, months=1)
        fold(database)
        with tempfile.TemporaryDirectory(prefix="gridmap-bench-") as folder:
            for step, code in zip(STEPS, (owner.code, twin.code, twin.code), strict=True):
                peaks[step].append(_fresh(database, step, code, Path(folder, "reports.csv")))
    at = " and ".join(f"{rows:,}" for rows in SIZES)
    return [
        Figure(
            f"memory {step}",
            f"the same of {SIZES[0]:,} reports",
            held[0] / held[-1],
            0,
            0,
            f"{', '.join(f'{each / 2**20:.0f}' for each in held)} MiB at most for {at} reports",
        )
        for step, held in peaks.items()
    ]


def _fresh(database: Database, step: str, code: str, file: Path) -> int:
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.benchmarks.memory", step, url, code, str(file)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _step(step: str, url: str, code: str, file: Path) -> None:
    database = Database(make_engine(url), Settings(database_url=url, file_limit=1 << 40))
    with database.reading() as connection:
        owner = next(j for j in jurisdictions(connection) if j.code == code)
    if step == "export":
        from gridmap.reports.exporting import export_reports

        with database.reading() as connection:
            export_reports(connection, owner, file, format=file.suffix[1:])
    elif step == "import":
        from gridmap.reports.files import import_file
        from gridmap.reports.reading import Reading

        assert not import_file(database, owner, file, Reading(), loaded_by="bench").rejected
        fold(database)
    else:
        from gridmap.maps.heat import heat_page
        from gridmap.statistics.heat import month_heat

        heat_page(month_heat(database, owner, MONTH))


if __name__ == "__main__":
    _step(*sys.argv[1:4], Path(sys.argv[4]))
    print(peak_memory())
