"""Typed access to the environment; an invalid value stops the start with its name."""

from pathlib import Path
from typing import Any

import environ

CHECKOUT = Path(__file__).resolve().parents[2]


class Environment(environ.Env):  # type: ignore[misc]  # the library has no types
    def list(self, var: str, **options: Any) -> list[str]:
        """Return a comma-separated list, without surrounding spaces."""
        return [part.strip() for part in super().list(var, **options) if part.strip()]


env = Environment()


def revisit_home() -> Path:
    """Return the folder of uploads and logs, and in a checkout of the embedded database."""
    return Path(env.str("REVISIT_HOME", default=str(CHECKOUT / "var"))).expanduser().absolute()
