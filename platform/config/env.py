"""Typed access to the environment; a value that cannot be read stops the start with its name."""

from pathlib import Path
from typing import Any

import environ

CHECKOUT = Path(__file__).resolve().parents[2]


class Environment(environ.Env):  # type: ignore[misc]  # the library has no types
    def list(self, var: str, **given: Any) -> list[str]:
        """Parted by commas; spaces around them do not count, as people write them."""
        return [part.strip() for part in super().list(var, **given) if part.strip()]


env = Environment()


def revisit_home() -> Path:
    """The folder that holds uploads and logs, and in a checkout its own database."""
    return Path(env.str("REVISIT_HOME", default=str(CHECKOUT / "var"))).expanduser().absolute()
