"""A job's life: done, refused, cancelled, ended under way and taken up again, never two at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import Conflict, NotFound
from gridmap.jobs import queue, store, worker
from gridmap.jobs.model import Job
from tests.faces.test_service import eventually
from tests.jobs.naps import nap

OWNER = Jurisdiction("test", "测试街道")


@pytest.fixture
def database(database, monkeypatch) -> Database:
    monkeypatch.setitem(worker.KINDS, "nap", nap)
    with database.writing() as connection:
        areas.add_jurisdiction(connection, OWNER)
    return database


@contextmanager
def working(database: Database) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.work_off, args=(database, stop), kwargs={"retry_seconds": 0.2})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def ask(database: Database, seconds: float, **more: str) -> Job:
    with database.writing() as connection:
        return queue.ask(connection, "nap", OWNER, {"seconds": seconds, **more}, "tests")


def get(database: Database, job: Job) -> Job:
    with database.reading() as connection:
        return store.get(connection, job.id)


def state(database: Database, job: Job) -> str:
    return get(database, job).state


def cancel(database: Database, job: Job) -> Job:
    with database.writing() as connection:
        return queue.cancel(connection, job.id)


def test_it_is_done_in_another_process_and_says_how_far_it_is(database) -> None:
    job = ask(database, 1)
    assert (job.state, job.step, job.steps) == ("waiting", 0, None)
    seen: set[tuple[str, int]] = set()

    def done() -> bool:
        now = get(database, job)
        seen.add((now.state, now.step))
        return now.state == "done"

    with working(database):
        eventually(done)
    assert {("running", 2), ("running", 3)} <= seen
    ended = get(database, job)
    assert ended.made["pid"] != os.getpid()
    assert (ended.step, ended.steps, ended.error) == (4, 4, None)


def test_who_asks_for_the_same_gets_the_same_while_it_lives(database) -> None:
    job = ask(database, 0)
    assert ask(database, 0).id == job.id
    assert ask(database, 0.1).id != job.id
    with working(database):
        eventually(lambda: state(database, job) == "done")
    assert ask(database, 0).id != job.id


def test_one_runs_at_a_time_in_the_order_they_came(database) -> None:
    jobs = [ask(database, 0.4), ask(database, 0.5), ask(database, 0.6)]
    ran: list[UUID] = []

    def ended() -> bool:
        with database.reading() as connection:  # all as of one moment
            left = store.living(connection, "nap", OWNER.code)
        running = [each.id for each in left if each.state == "running"]
        assert len(running) <= 1
        ran.extend(id_ for id_ in running if id_ not in ran)
        return not left

    with working(database), working(database):
        eventually(ended)
    assert ran
    assert ran == [job.id for job in jobs if job.id in ran]
    assert [state(database, each) for each in jobs] == ["done"] * 3


@pytest.mark.parametrize(
    ("fail", "says"),
    [("refused", "nobody sleeps"), ("broken", "it is in the log"), ("killed", "it is in the log")],
)
def test_what_fails_says_why_and_the_next_is_done(database, fail, says) -> None:
    job, after = ask(database, 0, fail=fail), ask(database, 0)
    with working(database):
        eventually(lambda: state(database, after) == "done")
    assert state(database, job) == "failed"
    assert says in get(database, job).error


def test_one_that_waits_is_cancelled_at_once(database) -> None:
    job = ask(database, 0)
    assert cancel(database, job).state == "cancelled"
    with pytest.raises(Conflict, match="cancelled"):
        cancel(database, job)
    with working(database):
        after = ask(database, 0)
        eventually(lambda: state(database, after) == "done")
    assert state(database, job) == "cancelled"
    with pytest.raises(NotFound), database.reading() as connection:
        store.get(connection, uuid4())


def test_one_that_runs_is_ended_soon_and_the_next_is_done(database) -> None:
    job, after = ask(database, 60), ask(database, 0)
    with working(database):
        eventually(lambda: get(database, job).step == 1)
        asked = time.monotonic()
        assert cancel(database, job).state == "cancelling"
        eventually(lambda: state(database, job) == "cancelled")
        assert time.monotonic() - asked < 5
        eventually(lambda: state(database, after) == "done")
    assert get(database, job).made is None


def test_a_worker_that_stops_leaves_its_job_to_the_next(database) -> None:
    job = ask(database, 3)
    with working(database):
        eventually(lambda: get(database, job).step == 1)
    assert state(database, job) == "waiting"
    with working(database):
        eventually(lambda: state(database, job) == "done")


ALONE = """
import sys, threading
from gridmap.database.sessions import Database, make_engine
from gridmap.jobs import worker
from gridmap.settings import Settings
from tests.jobs.naps import nap
worker.KINDS["nap"] = nap
if __name__ == "__main__":
    worker.work_off(Database(make_engine(sys.argv[1]), Settings()), threading.Event(), retry_seconds=0.2)
"""


def test_a_killed_workers_job_is_taken_up_again_and_never_runs_twice_at_once(database, tmp_path) -> None:
    script = tmp_path / "alone.py"
    script.write_text(ALONE)
    url = database.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    killed = subprocess.Popen([sys.executable, str(script), url], env=environment)
    job = ask(database, 2)
    try:
        eventually(lambda: get(database, job).step == 1)
        with working(database):  # while the other one lives, it does nothing
            time.sleep(0.6)
            assert get(database, job).step < 4
            children = _children(killed.pid)
            assert children
            killed.kill()
            killed.wait()
            eventually(lambda: not [pid for pid in children if _runs(pid)])
            eventually(lambda: state(database, job) == "done")
    finally:
        killed.kill()
        killed.wait()
    assert get(database, job).made["pid"] not in children


def _children(parent: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True)
    return [int(pid) for pid in done.stdout.split()]


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_one_under_which_the_service_ends_again_and_again_is_given_up(database) -> None:
    job = ask(database, 60)
    for _ in range(worker.ATTEMPTS):
        with working(database):
            if state(database, job) == "failed":
                break
            eventually(lambda: get(database, job).state == "running")
            with database.writing() as connection:  # as if the process had been killed there
                connection.exec_driver_sql("UPDATE procrastinate_jobs SET attempts = attempts + 1")
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE procrastinate_jobs SET status = 'doing'")
    with working(database):
        eventually(lambda: state(database, job) == "failed")
    assert "times" in get(database, job).error
