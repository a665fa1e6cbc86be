"""`gridmap serve` and `make run` as real processes: from 503 to 200, and no ending leaves anything behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lifecycle.running import processes_of, reachable_folder, wait_until_gone


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """One data folder for all the endings; each must leave it fit for the next start."""
    with reachable_folder() as folder:
        yield folder


def test_a_first_start_answers_503_until_the_district_is_loaded_and_says_one_line(fresh_folder, start):
    service = start(fresh_folder, GRIDMAP_DEMONSTRATION="true")
    assert service.wait_for(200) == [503, 200]
    assert service.end() == 0
    out, err = service.process.communicate()
    assert out == f"gridmap: http://127.0.0.1:{service.port}/\n"
    assert err == ""
    assert wait_until_gone(fresh_folder) == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_well(used_folder, start, number):
    service = start(used_folder)
    service.wait_for(200)
    assert service.end(number) == 0
    assert wait_until_gone(used_folder) == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_make_alone_ends_all(used_folder, start, number):
    service = start(used_folder, make=True)
    service.wait_for(200)
    service.end(number)
    assert wait_until_gone(used_folder) == {}


def test_a_killed_make_takes_the_service_along(used_folder, start):
    service = start(used_folder, make=True)
    service.wait_for(200)
    service.end(signal.SIGKILL)
    assert wait_until_gone(used_folder) == {}


@pytest.mark.parametrize("make", [False, True])
def test_ctrl_c_on_the_terminal_ends_all(used_folder, start, make):
    service = start(used_folder, make=make, terminal=True)
    service.wait_for(200)
    os.write(service.terminal, b"\x03")
    service.process.wait(60)
    assert wait_until_gone(used_folder) == {}


@pytest.mark.parametrize("make", [False, True])
def test_the_end_of_the_terminal_ends_all(used_folder, start, make):
    service = start(used_folder, make=make, terminal=True)
    service.wait_for(200)
    os.close(service.terminal)
    service.terminal = None
    service.process.wait(60)
    assert wait_until_gone(used_folder) == {}


def test_under_nohup_the_end_of_the_terminal_is_nothing(used_folder, start):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # children inherit what is ignored
    try:
        service = start(used_folder)
    finally:
        signal.signal(signal.SIGHUP, before)
    service.wait_for(200)
    service.process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        service.process.wait(2)
    assert service.health() == 200
    assert service.end() == 0


def test_readers_that_have_gone_away_do_not_matter(used_folder, start):
    service = start(used_folder)
    service.process.stdout.close()
    service.process.stderr.close()
    service.wait_for(200)
    assert service.end() == 0
    assert wait_until_gone(used_folder) == {}


def test_a_signal_while_the_database_is_made_ends_it_well(fresh_folder, start):
    service = start(fresh_folder, GRIDMAP_DEMONSTRATION="true")
    service.wait_for(503)
    assert service.end() == 0
    assert wait_until_gone(fresh_folder) == {}
    again = start(fresh_folder)
    again.wait_for(200)
    assert again.end() == 0


def test_a_signal_while_the_district_is_loaded_leaves_nothing_half_done(fresh_folder, start):
    service = start(fresh_folder)
    service.wait_for(200)
    assert service.end() == 0
    service = start(fresh_folder, GRIDMAP_DEMONSTRATION="true")
    service.wait_for(503)
    assert service.end() == 0
    assert wait_until_gone(fresh_folder) == {}
    again = start(fresh_folder, GRIDMAP_DEMONSTRATION="true")
    again.wait_for(200)
    assert again.end() == 0


def test_after_kill_9_the_next_start_works(used_folder, start):
    service = start(used_folder)
    service.wait_for(200)
    service.end(signal.SIGKILL)
    assert processes_of(used_folder)  # the server has lost its user and waits for the next
    again = start(used_folder)
    again.wait_for(200)
    assert again.end() == 0
    assert wait_until_gone(used_folder) == {}


def test_two_services_share_one_server_until_the_last_ends(used_folder, start):
    first, second = start(used_folder), start(used_folder)
    first.wait_for(200)
    second.wait_for(200)
    assert first.end() == 0
    assert second.health() == 200
    assert second.end() == 0
    assert wait_until_gone(used_folder) == {}


def test_a_taken_port_is_said_before_anything_starts(fresh_folder, start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        service = start(fresh_folder, GRIDMAP_PORT=str(port))
        out, err = service.process.communicate(timeout=60)
    assert service.process.returncode not in {0, None}
    assert out == ""
    assert err.startswith("gridmap: GRIDMAP_PORT: ")
    assert f"port {port} on 127.0.0.1 is taken" in err
    assert len(err.splitlines()) == 1
    assert list(fresh_folder.iterdir()) == []


def test_without_postgresql_it_says_what_to_install_and_ends(fresh_folder, start):
    service = start(fresh_folder, GRIDMAP_PG_BINDIR="/nonexistent")
    out, err = service.process.communicate(timeout=60)
    assert service.process.returncode not in {0, None}
    assert out == ""
    assert err.startswith("gridmap: PostgreSQL with PostGIS was not found")
    assert "apt-get install -y --no-install-recommends postgresql-postgis" in err
    assert "Traceback" not in err


def test_a_server_of_the_users_own_is_used_and_left_running(fresh_folder, start, cluster):
    url = cluster.create_database("users_own").replace("postgresql+psycopg://", "postgresql://")
    service = start(fresh_folder, GRIDMAP_DATABASE_URL=url)
    service.wait_for(200)
    assert not (fresh_folder / "postgres").exists()
    assert service.end() == 0
    cluster.drop_database("users_own")


def test_an_address_of_another_machine_is_refused(fresh_folder, start):
    service = start(fresh_folder, GRIDMAP_HOST="192.0.2.1")
    _, err = service.process.communicate(timeout=60)
    assert service.process.returncode not in {0, None}
    assert "GRIDMAP_HOST: 192.0.2.1 is not an address of this machine" in err
