"""The only import of `deploy.development` (embedded servers and demo), which only a checkout has."""

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
    """Return whether this is a checkout, not a wheel or container image."""
    try:
        return importlib.util.find_spec(PACKAGE) is not None
    except ModuleNotFoundError:
        return False


def apps() -> list[str]:
    """Return the Django apps for development."""
    return [f"{PACKAGE}.demo"] if is_installed() else []


def server_url(name: str) -> str:
    """Return a server's URL: from the environment, else of the embedded server."""
    named: str = env.str(name, default="")
    if named:
        return named
    if not is_installed():
        missing = ", ".join(server for server in SERVERS if not env.str(server, default=""))
        raise ImproperlyConfigured(f"set {missing}; only a checkout starts servers of its own.")
    from deploy.development.servers.locations import ADDRESSES

    return ADDRESSES[name](revisit_home())


def run_command(name: str, arguments: list[str]) -> int:
    """Run `serve` or `stop` and return its exit status."""
    if not is_installed():
        raise StartError(f"{name} is for development and needs a checkout; deploy/README.md says how to run the site.")
    from deploy.development.servers.serve import serve_command, stop_command

    return serve_command(arguments) if name == "serve" else stop_command(arguments)


def use_running_stripe() -> None:
    """Let a command run beside a site use that site's Stripe stand-in."""
    if is_installed():
        from deploy.development.servers import stripe

        stripe.use_if_running(revisit_home(), os.environ)


def running_database() -> AbstractContextManager[None]:
    """Run the embedded database for the duration of the block."""
    from deploy.development.servers import database

    return database.running_database(revisit_home())
