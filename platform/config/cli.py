"""The `revisit` command: Django's command line with settings and, if needed, an embedded database.

Exit status: 0 done, 1 refused (a message on standard error), 2 wrong usage.
"""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from config import development
from config.env import revisit_home
from config.errors import StartError, from_server_error

# Commands that need no database, so none is started for them.
WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "prepare_database",
    "startapp",
    "version",
}
REFUSED = 1
WRONG_USAGE = 2
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its status."""
    given = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    try:
        sys.exit(_run(given))
    except StartError as error:
        sys.exit(_refuse(str(error)))
    except ImproperlyConfigured as error:
        sys.exit(_refuse(f"the settings are incomplete: {error}"))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _run(arguments: list[str]) -> int:
    if arguments and arguments[0] in development.COMMANDS:
        return development.run_command(arguments[0], arguments[1:])
    development.use_running_stripe()
    if not _known(arguments):
        print(f"revisit: no such command: {arguments[0]} (see revisit help)", file=sys.stderr)  # noqa: T201
        return WRONG_USAGE
    if not needs_database(arguments) or os.environ.get("DATABASE_URL"):
        return _django(arguments)
    with development.running_database():
        return _django(arguments)


def _known(arguments: list[str]) -> bool:
    import django
    from django.core.management import get_commands

    django.setup()
    return not arguments or arguments[0].startswith("-") or arguments[0] in {*get_commands(), "help", "version"}


def needs_database(arguments: list[str]) -> bool:
    """Return whether a command may use the database; `--help` never does."""
    asks_for_help = bool({"-h", "--help", "--version"} & set(arguments))
    return bool(arguments) and not asks_for_help and arguments[0] not in WITHOUT_DATABASE


def _django(arguments: list[str]) -> int:
    """Run a management command; print expected errors in one line."""
    from django.core.management import ManagementUtility
    from django.core.management.base import BaseCommand
    from django.db.utils import OperationalError

    from core.shared.errors import AppError

    # System checks load every page, which takes a second; `revisit check` and the tests run them.
    BaseCommand.requires_system_checks = []
    try:
        ManagementUtility(["revisit", *arguments]).execute()
    except AppError as error:
        return _refuse(str(error))
    except OperationalError as error:
        return _refuse(str(from_server_error("The database refused", error, revisit_home())))
    return 0


def _refuse(message: str) -> int:
    print(f"revisit: {message}", file=sys.stderr)  # noqa: T201
    return REFUSED


if __name__ == "__main__":
    main()
