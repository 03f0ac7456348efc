"""One clear sentence for each thing that goes wrong at the start."""

import errno
from pathlib import Path

import pytest

from config.errors import disk_full
from deploy.development.servers import errors


def test_a_full_disk_is_called_that(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space") as caught, Path("/dev/full").open("w") as full:
        full.write("x")
    assert "is full; free some space" in str(errors.from_os_error(caught.value, tmp_path))


def test_a_log_that_speaks_of_a_full_disk_is_understood(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "postgres.log"
    log.parent.mkdir()
    log.write_text("FATAL:  could not write lock file: No space left on device\n")
    assert str(errors.from_log("PostgreSQL did not start", log)) == str(disk_full(tmp_path))


def test_only_what_this_start_logged_is_told(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text("FATAL:  of yesterday\n")
    since = errors.size_of(log)
    with log.open("a") as more:
        more.write("LOG:  starting\nFATAL:  of today\nLOG:  shut down\n")
    assert str(errors.from_log("It failed", log, since)) == f"It failed: FATAL:  of today (see {log})."


def test_other_errors_name_the_file() -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/srv/x")
    assert str(errors.from_os_error(error, "/srv")) == "Cannot use /srv/x: Permission denied."
