"""The one way to `deploy.development`: servers on this machine and the demo, which only a checkout has."""

import importlib.util
import os
from contextlib import AbstractContextManager

from django.core.exceptions import ImproperlyConfigured

from config.env import env, revisit_home
from config.errors import StartError

PACKAGE = "deploy.development"
COMMANDS = ("serve", "stop")
SERVERS = ("DATABASE_URL", "BROKER_URL", "CACHE_URL")


def is_installed() -> bool:
    """Whether this is a checkout, rather than a wheel or a container image."""
    try:
        return importlib.util.find_spec(PACKAGE) is not None
    except ModuleNotFoundError:
        return False


def apps() -> list[str]:
    """The Django apps of development."""
    return [f"{PACKAGE}.demo"] if is_installed() else []


def server_url(name: str) -> str:
    """The address of a server: the one that the environment names, else that of the server on this machine."""
    named: str = env.str(name, default="")
    if named:
        return named
    if not is_installed():
        missing = ", ".join(server for server in SERVERS if not env.str(server, default=""))
        raise ImproperlyConfigured(f"set {missing}; only a checkout starts servers of its own.")
    from deploy.development.servers.locations import ADDRESSES

    return ADDRESSES[name](revisit_home())


def run_command(name: str, words: list[str]) -> int:
    """Run `serve` or `stop`; its exit status."""
    if not is_installed():
        raise StartError(f"{name} is for development and needs a checkout; deploy/README.md says how to run the site.")
    from deploy.development.servers.serve import serve_command, stop_command

    return serve_command(words) if name == "serve" else stop_command(words)


def use_running_stripe() -> None:
    """Have a command that is run beside a site speak to the stand-in for Stripe of that site."""
    if is_installed():
        from deploy.development.servers import stripe

        stripe.use_if_running(revisit_home(), os.environ)


def running_database() -> AbstractContextManager[None]:
    """The database on this machine, for as long as the block runs."""
    from deploy.development.servers import database

    return database.running_database(revisit_home())
