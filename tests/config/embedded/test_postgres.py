"""How the embedded PostgreSQL is set and found."""

from pathlib import Path

import pytest

from config.embedded import machine, postgres

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
