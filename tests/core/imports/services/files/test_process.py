"""The child process that reads a file: what it may use, what it knows, and that it never outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from django.utils import translation

from core.imports.services.file_source import FileSource
from core.imports.services.files import readers
from core.imports.services.files.process import IMPORT_LIMITS, FileProcess, Limits
from core.imports.services.files.readers import NEEDED, SERVER
from core.imports.services.options import ImportOptions
from core.shared.errors import AppError

Write = Callable[[str | bytes], Path]
ROWS = "client_ref,name\n" + "A,Ann\n" * 100_000
PARENT = """
import sys, time
import django; django.setup()
from pathlib import Path
from core.imports.services.options import ImportOptions
from core.imports.services.file_source import FileSource
source = FileSource(Path(sys.argv[1]), "clients", ImportOptions())
print(source._processes[0]._process.pid, flush=True)
time.sleep(600)
"""


def pid_of(source: FileSource) -> int:
    return source._processes[0]._process.pid


def server_pid() -> int:
    """Of the process that this one's readers are forked from."""
    assert readers._readers._server is not None
    return readers._readers._server._process.pid


def refusal(path: Path, limits: Limits = IMPORT_LIMITS) -> AppError:
    with pytest.raises(AppError) as caught, FileSource(path, "clients", ImportOptions(), limits) as source:
        list(source.chunks())
    return caught.value


def signalled(path: Path, sign: signal.Signals, limits: Limits = IMPORT_LIMITS) -> None:
    """Reads a file whose child gets a signal once it has opened it."""
    with FileSource(path, "clients", ImportOptions(), limits) as source:
        os.kill(pid_of(source), sign)
        list(source.chunks())


def is_there(pid: int) -> bool:
    """Running, or ended and not yet taken note of."""
    return Path(f"/proc/{pid}").exists()


def test_it_loads_neither_django_nor_the_database() -> None:
    program = f"import {SERVER}, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-P", "-c", program], check=True, capture_output=True, text=True)
    assert SERVER in loaded.stdout.split()
    assert not {"django", "psycopg", "openpyxl", "celery"} & set(loaded.stdout.split())


def test_it_inherits_no_secret_and_no_connection(
    write: Write, monkeypatch: pytest.MonkeyPatch, django_db_setup: object
) -> None:
    monkeypatch.setenv("SECRET_KEY", "known to the parent")
    with FileSource(write(ROWS), "clients", ImportOptions()) as source:
        place = Path(f"/proc/{pid_of(source)}")
        names = {line.partition("=")[0] for line in (place / "environ").read_text().split("\0") if line}
        assert names <= {"LC_ALL", *NEEDED}
        others = {str(number.readlink()) for number in (place / "fd").iterdir() if number.name not in {"0", "1", "2"}}
        assert others == {str(source._path)}


def test_what_it_is_forked_from_knows_no_more(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """And reads no file."""
    monkeypatch.setenv("SECRET_KEY", "known to the parent")
    monkeypatch.setattr(readers, "_readers", readers._Readers())
    with FileSource(write(ROWS), "clients", ImportOptions()) as source:
        list(source.chunks())
        server = psutil.Process(server_pid())
        assert set(server.environ()) <= {"LC_ALL", *NEEDED}
        assert server.open_files() == []
    readers._readers.stop()


@pytest.mark.parametrize("reads_already", [False, True])
def test_one_whose_server_was_killed_is_no_loss_to_the_next(write: Write, reads_already: bool) -> None:
    path = write(ROWS)
    with FileSource(path, "clients", ImportOptions()) as source:
        os.kill(server_pid(), signal.SIGKILL)
        if reads_already:
            with pytest.raises(AppError) as caught:
                list(source.chunks())
            assert caught.value.code == "unreadable_file"
    with FileSource(path, "clients", ImportOptions()) as source:
        assert sum(len(rows.cells) for rows in source.chunks()) == 100_000


def test_where_no_process_can_be_started_it_says_so(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers._ForkServer, "start", lambda _server: None)
    with pytest.raises(OSError, match="No process can be started"):
        FileProcess(write(ROWS), IMPORT_LIMITS)


def test_after_a_fork_each_side_has_its_own(write: Write) -> None:
    path = write("client_ref,name\nA,Ann\n")

    def rows() -> int:
        with FileSource(path, "clients", ImportOptions()) as source:
            return sum(len(rows.cells) for rows in source.chunks())

    assert rows() == 1
    before = server_pid()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if rows() == 1 and server_pid() != before else 2
            readers._readers.stop()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert rows() == 1
    assert server_pid() == before


def test_it_is_reaped_when_all_is_read(write: Write) -> None:
    with FileSource(write(ROWS), "clients", ImportOptions()) as source:
        pid = pid_of(source)
        assert sum(len(rows.cells) for rows in source.chunks()) == 100_000
        assert not is_there(pid)


def test_all_are_reaped_when_reading_is_broken_off(write: Write) -> None:
    with FileSource(write(ROWS), "clients", ImportOptions()) as source:
        first, second = source.chunks(), source.chunks()
        next(first)
        next(second)
        pids = [one._process.pid for one in source._processes]
        assert len(pids) == 2
        assert all(map(is_there, pids))
    assert not any(map(is_there, pids))


def test_a_file_can_be_read_again_while_it_is_read(write: Write) -> None:
    with FileSource(write(ROWS), "clients", ImportOptions()) as source:
        for number, rows in enumerate(source.chunks()):
            if number == 1:
                assert sum(len(others.cells) for others in source.chunks()) == 100_000
            last = rows.lines[-1]
        assert last == 100_001


def test_what_gave_the_first_rows_is_ended_before_all_are_read(write: Write) -> None:
    with FileSource(write(ROWS), "clients", ImportOptions()) as source:
        pid = pid_of(source)
        assert source.columns()
        next(source.chunks())
        assert not is_there(pid)


def test_it_dies_with_its_parent(write: Write) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    command = [sys.executable, "-c", PARENT, str(write(ROWS))]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_there(pid)
        parent.kill()
    for _ in range(100):
        if not is_there(pid):
            return
        time.sleep(0.1)
    pytest.fail("The reader process lives on.")


def test_one_that_was_killed_is_closed_like_any_other(write: Write) -> None:
    process = FileProcess(write(ROWS), IMPORT_LIMITS)
    os.kill(process._process.pid, signal.SIGKILL)
    time.sleep(0.2)
    process.close()
    process.close()
    assert process._requests.closed
    assert process._answers.closed
    assert not is_there(process._process.pid)


def test_cpu_time(write: Write) -> None:
    error = refusal(write("王\r".encode("gb18030") * 20_000_000), Limits(cpu_seconds=1, wait_seconds=600))
    assert (error.code, error.field) == ("too_slow", "file")
    assert error.message == "Reading this file takes too long. Save the sheet as CSV in UTF-8, or split it."


def test_a_file_that_takes_long_gives_way(write: Write) -> None:
    path = write(ROWS + "C1,Ann\n" * 3_000_000)
    with FileSource(path, "clients", ImportOptions()) as source:
        reader = psutil.Process(pid_of(source))
        assert reader.nice() == os.nice(0)
        for _chunk in source.chunks():
            if reader.nice() == min(19, os.nice(0) + 10):
                return
    pytest.fail("It went on as before.")


def test_more_cpu_time_for_larger_files(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for megabytes, seconds in ((0, 20), (100, 20), (101, 40), (250, 60)):
        with path.open("wb") as file:
            file.truncate(megabytes * 1_000_000)
        assert Limits(cpu_seconds=20, wait_seconds=1).cpu_seconds_for(path) == seconds


def test_the_time_its_parent_waits(write: Write) -> None:
    with pytest.raises(AppError) as caught:
        signalled(write(ROWS), signal.SIGSTOP, Limits(cpu_seconds=9, wait_seconds=5))
    assert caught.value.code == "too_slow"


def test_memory(write: Write) -> None:
    row = '"' + "𝄞" + "x" * 100_000 + '\n",'
    error = refusal(write("client_ref,name\n" + row * 200), Limits(cpu_seconds=9, wait_seconds=60, memory=60 << 20))
    assert (error.code, error.field) == ("too_much_memory", "file")
    assert str(error.message).startswith("Reading this file takes too much memory.")


@pytest.mark.parametrize("sign", [signal.SIGSEGV, signal.SIGTERM])
def test_a_child_that_breaks_down(write: Write, caplog: pytest.LogCaptureFixture, sign: signal.Signals) -> None:
    with pytest.raises(AppError) as caught:
        signalled(write(ROWS), sign)
    assert caught.value.code == "unreadable_file"
    assert str(caught.value.message).startswith("Something in this file keeps it from being read.")
    assert f"status {-sign}" in caplog.text


def test_what_is_wrong_is_said_in_the_language_of_who_asks(write: Write) -> None:
    with translation.override("zh-hans"):
        error = refusal(write(""))
    assert error.code == "empty_file"
    assert str(error.message) == translation.trans_real.translation("zh-hans").gettext("The file is empty.")
    assert not str(error.message).isascii()


def test_the_line_at_fault_comes_along(write: Write) -> None:
    error = refusal(write("client_ref,name\nA,Ann\nB," + "x" * 200_000 + "\n"))
    assert (error.code, error.extra) == ("cell_too_long", {"line": 3})


def test_a_failure_of_the_child_says_nothing_of_the_file(write: Write, capfd: pytest.CaptureFixture[str]) -> None:
    process = FileProcess(write(ROWS), IMPORT_LIMITS)
    with pytest.raises(AppError) as caught:
        process.ask(do="rows")
    process.close()
    assert caught.value.code == "unreadable_file"
    said = capfd.readouterr().err
    assert "The reader process failed: ValueError at" in said
    assert "examined" not in said
