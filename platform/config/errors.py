"""What stops a command before or while it speaks to the database, as one clear sentence each."""

from pathlib import Path

NO_SPACE = "No space left on device"


class StartError(Exception):
    """Nothing can start; the message is for the person at the terminal."""


def disk_full(place: Path | str) -> StartError:
    """The one message for a full disk."""
    return StartError(f"The disk that holds {place} is full; free some space and run the same command again.")


def from_server_error(what: str, error: Exception, home: Path) -> StartError:
    """What PostgreSQL answered, put in words."""
    said = str(error)
    if NO_SPACE in said:
        return disk_full(home)
    return StartError(f"{what}: {said.strip().splitlines()[0]}")
