"""Typed access to the environment; a value that cannot be read stops the start with its name."""

from pathlib import Path

import environ

CHECKOUT = Path(__file__).resolve().parents[2]
env = environ.Env()


def revisit_home() -> Path:
    """The folder that holds the embedded database, uploads and logs."""
    return Path(env.str("REVISIT_HOME", default=str(CHECKOUT / "var"))).expanduser().absolute()
