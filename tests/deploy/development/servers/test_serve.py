"""A whole site from nothing: it survives the death of any part and of its supervisor, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from deploy.development.servers import locations, locks, processes, site, valkey
from deploy.development.servers.folders import make_folders
from tests.deploy.development.servers.test_site import free_port
from tests.plugins.homes import Revisit, copy_home

PARTS = {
    "web": "gunicorn", "worker-mail": "mail", "worker-default": "default", "worker-long": "long", "beat": "beat",
    "stripe": "deploy.development.standin",
}  # fmt: skip


def eventually(holds: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def of_home(home: Path) -> list[psutil.Process]:
    """Every process of this home: servers, keeper, supervisor, the site's parts and their children."""
    tests = [
        processes.marked(home),
        processes.works_in("postgres", locations.postgres_data(home)),
        processes.works_in("valkey-server", locations.valkey_data(home)),
    ]
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and any(test(process) for test in tests):
                found.append(process)
        except psutil.Error:
            continue
    return found


def leader(home: Path, word: str) -> psutil.Process | None:
    """The process of a part: the one whose command has the word and which leads its own session."""
    for process in of_home(home):
        try:
            if word in process.cmdline() and os.getsid(process.pid) == process.pid:
                return process
        except (psutil.Error, ProcessLookupError):
            continue
    return None


@contextmanager
def serving(home: Path, port: int, environment: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """`revisit serve` in the foreground, until it answers; stopped as by Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", "config.cli", "serve"],
        env={**environment, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.readline()
        assert f"http://localhost:{port}/" in said, said or process.stderr.read()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)


@pytest.mark.slow
def test_every_part_comes_back_while_another_home_serves_beside_it(
    furnished_home: Path, tmp_path: Path, bare_environment: Mapping[str, str], revisit: Revisit
) -> None:
    home, another = furnished_home, tmp_path / "another"
    copy_home(home, another)
    port, other_port = free_port(), free_port()
    beside = {**bare_environment, "REVISIT_HOME": str(another)}
    with serving(another, other_port, beside), serving(home, port, bare_environment) as supervisor:
        for name, word in PARTS.items():
            victim = leader(home, word)
            assert victim is not None, name
            victim.kill()
            eventually(lambda word=word, victim=victim: leader(home, word) not in {None, victim})  # type: ignore[misc]
        valkey = next(process for process in of_home(home) if process.name() == "valkey-server")
        valkey.kill()
        keeper = locks.keeper(home).holder()
        assert keeper is not None
        os.kill(keeper, signal.SIGKILL)
        eventually(lambda: locks.keeper(home).holder() not in {None, keeper})
        eventually(lambda: site.is_ready(port))
        assert supervisor.poll() is None
        assert site.is_ready(other_port)
        taken = revisit("serve", REVISIT_HOME=str(tmp_path / "third"), PORT=str(port))
        assert taken.returncode == 1
        assert taken.stderr.startswith(f"revisit: Port {port} is taken by another program; choose another one")
        assert taken.stderr.count("\n") == 1
    assert supervisor.returncode == 0
    assert of_home(home) == of_home(another) == []
    assert locks.keeper(home).holder() is None


@pytest.mark.slow
def test_a_killed_supervisor_leaves_no_orphans_and_the_next_start_keeps_the_data(
    furnished_home: Path, bare_environment: Mapping[str, str], revisit: Revisit
) -> None:
    home, port = furnished_home, free_port()
    with serving(home, port, bare_environment) as supervisor:
        made = revisit("create_chain", "--schema", "kept", "--name", "Kept", "--json")
        assert made.returncode == 0, made.stderr
        assert locks.supervisor(home).holder() == supervisor.pid
        supervisor.kill()
        supervisor.wait()
        eventually(lambda: of_home(home) == [])
    again = revisit("serve", "--detach", PORT=str(port))
    assert again.returncode == 0, again.stderr
    already = revisit("serve", "--detach", PORT=str(port))
    assert (already.returncode, already.stderr) == (0, "")
    assert "Serving already" in already.stdout
    twice = revisit("serve", PORT=str(free_port()))
    assert twice.returncode == 1
    assert "serves from" in twice.stderr
    check = revisit("migrate_chains", "--check", "--json")
    assert '"chains": 1' in check.stdout
    stopped = revisit("stop")
    assert (stopped.returncode, stopped.stdout) == (0, "Stopped.\n")
    assert of_home(home) == []


@pytest.mark.slow
def test_named_servers_take_the_place_of_the_embedded_ones(
    committing: None, tmp_path: Path, bare_environment: Mapping[str, str], home: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    make_folders(elsewhere)
    broker = valkey.start(elsewhere)
    eventually(lambda: valkey.answers(elsewhere))
    named = {
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "BROKER_URL": locations.broker_url(elsewhere),
        "CACHE_URL": locations.cache_url(elsewhere),
    }
    port = free_port()
    try:
        with serving(home, port, {**bare_environment, **named}):
            assert site.is_ready(port)
            assert {process.name() for process in of_home(home)}.isdisjoint({"postgres", "valkey-server"})
            assert not (home / "postgres").exists()
            assert not (home / "valkey").exists()
    finally:
        processes.stop(broker, valkey.STOP_STEPS)


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(revisit: Revisit, port: str) -> None:
    refused = revisit("serve", PORT=port)
    assert refused.returncode == 1
    assert refused.stderr == f"revisit: PORT must be a number from 1 to 65535, not '{port}'.\n"


def test_stopping_nothing_says_so(revisit: Revisit) -> None:
    assert revisit("stop").stdout == "Nothing runs.\n"
