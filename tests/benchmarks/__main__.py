"""`python -m tests.benchmarks [job …]`: all jobs, or some; bench-results.json beside the README.

Those of ON_DEMAND run only when they are named.
"""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap import demonstration
from gridmap.database.cluster import PrivateCluster
from gridmap.database.sessions import Database
from gridmap.faces.service import KERNELS
from gridmap.geometry.compiling import warm
from gridmap.opening import open_gridmap
from gridmap.settings import Settings
from tests.benchmarks import bulletin, counts, files, heat, http, place, scale, sight, tiles
from tests.benchmarks.measure import Figure, report

JOBS: dict[str, Callable[[Database], list[Figure]]] = {
    "place_70": place.town,
    "place_100k": place.country,
    "file": files.run,
    "heat": heat.run,
    "monthly": counts.monthly,
    "recut": counts.recut_stored,
    "post": http.post,
    "locate": http.locate,
    "tiles": tiles.run,
    "scale": scale.run,
    "sight": sight.run,
}
ON_DEMAND: dict[str, Callable[[Database], list[Figure]]] = {"bulletin": bulletin.run}

DEMONSTRATION = "demonstration"


def main() -> None:
    known = JOBS | ON_DEMAND
    unknown = set(sys.argv[1:]) - known.keys()
    if unknown:
        sys.exit(f"no job {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # with the server that is ours
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="gridmap-bench-"))
    folder.chmod(0o755)
    # durable, as the service's own: fsync is part of what a commit costs
    cluster = PrivateCluster(folder / "postgres")
    try:
        cluster.start()
        start = time.monotonic()
        warm(KERNELS)
        print(f"kernels compiled, or read from numba's cache: {time.monotonic() - start:.1f} s", flush=True)
        with demonstrated(cluster, folder, DEMONSTRATION, "template1") as database:
            demonstration.load(database)
        figures: list[Figure] = []
        for job in sys.argv[1:] or JOBS:
            start = time.monotonic()
            with demonstrated(cluster, folder, job, DEMONSTRATION) as database:
                figures += (new := known[job](database))
            cluster.drop_database(job)
            print(f"{job}: {(time.monotonic() - start) / 60:.1f} min", flush=True)
            for figure in new:
                print(f"{figure.job} against {figure.against}: {figure.ratio:.2f}", flush=True)
        print(f"all: {(time.monotonic() - begun) / 60:.1f} min")
    finally:
        cluster.stop(force=True)
        shutil.rmtree(folder, ignore_errors=True)
    report(figures, Path("bench-results.json"))


@contextmanager
def demonstrated(cluster: PrivateCluster, folder: Path, name: str, template: str) -> Iterator[Database]:
    """A database of its own for a job, so that none finds rows of another's."""
    url = cluster.create_database(name, template=template)
    with open_gridmap(Settings(database_url=url, data_dir=folder)) as database:
        yield database


if __name__ == "__main__":
    main()
