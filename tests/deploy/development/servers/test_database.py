"""The embedded database comes with its first user and goes with its last, however either ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from config.errors import StartError
from deploy.development.servers import locations, locks, postgres, processes
from deploy.development.servers.database import SharedDatabase, running_database

USE = """
import sys
from pathlib import Path
from deploy.development.servers.database import SharedDatabase
database = SharedDatabase(Path(sys.argv[1]), prepared=False)
database.join()
print("joined", flush=True)
sys.stdin.readline()
database.leave()
"""


def eventually(holds: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


@contextmanager
def joined_unprepared(home: Path) -> Iterator[None]:
    """The server alone, without the application's database."""
    database = SharedDatabase(home, prepared=False)
    database.join()
    try:
        yield
    finally:
        database.leave()


def execute(home: Path, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(locations.admin_dsn(home), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def answers(home: Path) -> bool:
    try:
        return execute(home, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def another_user(home: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", USE, str(home)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"joined\n"
    return process


def server_of(home: Path) -> int:
    number = postgres.ready_process(home)
    assert number is not None
    return number


@pytest.mark.slow
def test_the_last_to_leave_stops_the_server(home: Path) -> None:
    first, second = SharedDatabase(home, prepared=False), SharedDatabase(home, prepared=False)
    first.join()
    server = server_of(home)
    second.join()
    assert server_of(home) == server
    first.leave()
    assert execute(home, "SHOW data_checksums") == [("on",)]
    assert execute(home, "SELECT collname FROM pg_collation WHERE collname = 'ucs_basic'")
    second.leave()
    assert postgres.ready_process(home) is None
    assert locks.keeper(home).holder() is None
    assert not (home / "postgres" / "postmaster.pid").exists()


@pytest.mark.slow
def test_many_come_and_go_at_once(home: Path) -> None:
    errors: list[BaseException] = []

    def use() -> None:
        try:
            for _ in range(4):
                database = SharedDatabase(home, prepared=False)
                database.join()
                execute(home, "SELECT 1")
                database.leave()
        except (StartError, psycopg.Error, OSError) as error:
            errors.append(error)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert postgres.ready_process(home) is None


@pytest.mark.slow
def test_a_killed_user_leaves_no_server_behind(home: Path) -> None:
    process = another_user(home)
    server = server_of(home)
    process.kill()
    process.communicate()
    eventually(lambda: not psutil.pid_exists(server))
    eventually(lambda: locks.keeper(home).holder() is None)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["server", "keeper"])
def test_a_killed_server_comes_back_with_its_data(home: Path, victim: str) -> None:
    database = SharedDatabase(home, prepared=False)
    database.join()
    try:
        execute(home, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        former = server_of(home)
        number = former if victim == "server" else locks.keeper(home).holder()
        assert number is not None
        os.kill(number, signal.SIGKILL)
        eventually(lambda: postgres.ready_process(home) != former)
        database.renew()
        eventually(lambda: answers(home))
        assert execute(home, "SELECT count(*) FROM kept") == [(1000,)]
    finally:
        database.leave()
    assert postgres.ready_process(home) is None


@pytest.mark.slow
def test_everything_killed_at_once_is_recovered_from(home: Path) -> None:
    process = another_user(home)
    execute(home, "CREATE TABLE kept AS SELECT 42 AS number")
    keeper, server = locks.keeper(home).holder(), server_of(home)
    assert keeper is not None
    os.kill(keeper, signal.SIGSTOP)
    for number in (server, keeper, process.pid):
        os.kill(number, signal.SIGKILL)
    process.communicate()
    for number in (server, keeper):
        processes.wait_for_end(number, 30)
    assert (home / "postgres" / "postmaster.pid").exists()
    with joined_unprepared(home):
        assert execute(home, "SELECT number FROM kept") == [(42,)]


@pytest.mark.slow
def test_a_new_home_gets_the_application_s_database(home: Path) -> None:
    with running_database(home):
        with psycopg.connect(locations.admin_dsn(home, "revisit"), user="revisit") as connection:
            row = connection.execute("SELECT current_user, count(*) FROM tenants_chain").fetchone()
        assert row == ("revisit", 0)
        former = (home / "prepared").stat().st_mtime_ns
    with running_database(home):
        assert (home / "prepared").stat().st_mtime_ns == former


@pytest.mark.slow
def test_a_deep_home_works_and_leaves_nothing_in_the_temporary_folder(tmp_path: Path) -> None:
    home = tmp_path / "a folder ü" / ("deep" * 30)
    with joined_unprepared(home):
        assert answers(home)
        assert locations.sockets(home).is_dir()
    assert not locations.sockets(home).exists()


@pytest.mark.slow
def test_a_full_disk_is_told_in_one_sentence(home: Path) -> None:
    with joined_unprepared(home):
        (home / "prepared.new").symlink_to("/dev/full")
    with (
        pytest.raises(StartError, match="is full; free some space and run the same command again"),
        running_database(home),
    ):
        pytest.fail("joined in spite of the full disk")
    assert postgres.ready_process(home) is None
