"""Errors that stop a command, each with one clear sentence for the terminal."""

from pathlib import Path

NO_SPACE = "No space left on device"


class StartError(Exception):
    """The command cannot start; the message is shown at the terminal."""


def disk_full(place: Path | str) -> StartError:
    """Return the error for a full disk."""
    return StartError(f"The disk that holds {place} is full; free some space and run the same command again.")


def from_server_error(what: str, error: Exception, home: Path) -> StartError:
    """Translate an error of PostgreSQL."""
    message = str(error)
    if NO_SPACE in message:
        return disk_full(home)
    return StartError(f"{what}: {message.strip().splitlines()[0]}")
