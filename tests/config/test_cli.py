"""The command line's manners: exit status, one sentence on standard error, a database only where one is needed."""

from pathlib import Path

import pytest

from config.cli import needs_database
from tests.plugins.homes import Revisit


@pytest.mark.parametrize(
    "words",
    [[], ["help"], ["check", "--deploy"], ["migrate_chains", "--help"], ["--version"], ["import_data", "visits", "-h"]],
)
def test_no_database_is_started_for_commands_that_use_none(words: list[str]) -> None:
    assert not needs_database(words)


@pytest.mark.parametrize("words", [["migrate_chains"], ["create_chain", "--schema", "acme"], ["shell"]])
def test_every_other_command_has_one(words: list[str]) -> None:
    assert needs_database(words)


def test_help_touches_no_server(revisit: Revisit, home: Path) -> None:
    done = revisit("help", "migrate_chains")
    assert done.returncode == 0, done.stderr
    assert "--check" in done.stdout
    assert not (home / "postgres").exists()


def test_an_unknown_command_is_wrong_usage(revisit: Revisit, home: Path) -> None:
    done = revisit("no_such_command")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "revisit: no such command: no_such_command (see revisit help)\n"
    assert not (home / "postgres").exists()


def test_a_server_that_does_not_answer_is_one_sentence(revisit: Revisit, tmp_path: Path) -> None:
    done = revisit("migrate_chains", DATABASE_URL=f"postgres://revisit@/{tmp_path}/revisit")
    assert done.returncode == 1
    assert done.stderr.startswith("revisit: The database refused: connection")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_command_makes_its_database_and_stops_it(revisit: Revisit, home: Path) -> None:
    first = revisit("migrate_chains", "--json")
    assert first.returncode == 0, first.stderr
    assert first.stderr.startswith(f"Making the database in {home} ...")
    assert first.stdout.startswith('{"chains": 0')
    assert first.stdout.count("\n") == 1
    assert not (home / "postgres" / "postmaster.pid").exists()
    wrong = revisit("migrate_chains", "--no-such-option")
    assert wrong.returncode == 2
    assert not (home / "postgres" / "postmaster.pid").exists()
    refused = revisit("create_chain", "--schema", "No Schema!", "--name", "x")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "Traceback" not in refused.stderr
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_missing_settings_are_named(revisit: Revisit) -> None:
    done = revisit("check", DJANGO_SETTINGS_MODULE="config.settings.prod")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "SECRET_KEY" in done.stderr
