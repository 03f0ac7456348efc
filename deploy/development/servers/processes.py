"""Starting child processes that do not outlive us, stopping them, and finding those that did."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.development.servers import account as accounts

if TYPE_CHECKING:
    import psutil

MARK = "REVISIT_SERVED_FROM"
_ROTATE_ABOVE = 20 * 1024 * 1024


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    when_orphaned: int,
    environment: Mapping[str, str] | None = None,
    account: accounts.Account | None = None,
    pass_fds: Collection[int] = (),
    folder: Path | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a child in a session of its own, its output appended to `log`."""
    parent = os.getpid()

    def before_exec() -> None:
        os.umask(0o077)
        if account is not None:
            accounts.become(account)
        accounts.die_with_parent(when_orphaned, parent)

    _rotate(log)
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment) if environment is not None else None,
            cwd=folder,
            pass_fds=pass_fds,
            start_new_session=True,
            preexec_fn=before_exec,  # noqa: PLW1509 - our supervisors have one thread
        )


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _ROTATE_ABOVE:
        log.replace(log.with_name(f"{log.name}.1"))


def stop(process: "subprocess.Popen[bytes]", steps: Iterable[tuple[int, float]], *, told: bool = False) -> None:
    """Send each signal in turn, giving the process so many seconds, and at last kill it and its group.

    `told` says that it got the first signal already.
    """
    for number, patience in steps:
        if process.poll() is not None:
            break
        if not told:
            process.send_signal(number)
        told = False
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
        process.wait()
    _kill_group(process.pid)


def _kill_group(group: int) -> None:
    """End what a dead leader left in its process group."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def kill_leftovers(belongs: "Callable[[psutil.Process], bool]", *, number: int = signal.SIGKILL) -> int:
    """End every process of this machine that belongs to us although nobody supervises it; how many there were."""
    import psutil

    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            if belongs(process):
                process.send_signal(number)
                found.append(process)
        except (psutil.Error, OSError):
            continue
    _, alive = psutil.wait_procs(found, timeout=20)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=5)
    return len(found)


def wait_for_end(number: int, seconds: float) -> None:
    """Wait for a process that is no child of ours; one that nobody has reaped yet has ended too."""
    import psutil

    try:
        process = psutil.Process(number)
        deadline = time.monotonic() + seconds
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.01)
    except psutil.NoSuchProcess:
        return


def works_in(program: str, folder: Path) -> "Callable[[psutil.Process], bool]":
    """Whether a process runs `program` with `folder` as its working directory, as the servers do with their data."""
    place = os.path.realpath(folder)

    def belongs(process: "psutil.Process") -> bool:
        return process.name() == program and process.cwd() == place

    return belongs


def marked(home: Path) -> "Callable[[psutil.Process], bool]":
    """Whether a process was started, at any remove, by a `revisit serve` of this home."""
    place = os.path.realpath(home)

    def belongs(process: "psutil.Process") -> bool:
        return process.environ().get(MARK) == place

    return belongs
