"""The `revisit` command: Django's own command line with the settings set and a database at hand.

Exit status: 0 done, 1 refused (a sentence on standard error), 2 wrong usage.
"""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from config import development
from config.env import revisit_home
from config.errors import StartError, from_server_error

# These never speak to a database, so none is started for them.
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
    words = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    try:
        sys.exit(_run(words))
    except StartError as error:
        sys.exit(_refuse(str(error)))
    except ImproperlyConfigured as error:
        sys.exit(_refuse(f"the settings are incomplete: {error}"))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _run(words: list[str]) -> int:
    if words and words[0] in development.COMMANDS:
        return development.run_command(words[0], words[1:])
    development.use_running_stripe()
    if not _known(words):
        print(f"revisit: no such command: {words[0]} (see revisit help)", file=sys.stderr)  # noqa: T201
        return WRONG_USAGE
    if not needs_database(words) or os.environ.get("DATABASE_URL"):
        return _django(words)
    with development.running_database():
        return _django(words)


def _known(words: list[str]) -> bool:
    import django
    from django.core.management import get_commands

    django.setup()
    return not words or words[0].startswith("-") or words[0] in {*get_commands(), "help", "version"}


def needs_database(words: list[str]) -> bool:
    """Whether a command may open a connection; asking for help never does."""
    return bool(words) and not {"-h", "--help", "--version"} & set(words) and words[0] not in WITHOUT_DATABASE


def _django(words: list[str]) -> int:
    """Run a management command; whatever refuses says so in one line."""
    from django.core.management import ManagementUtility
    from django.core.management.base import BaseCommand
    from django.db.utils import OperationalError

    from core.shared.errors import AppError

    # Checks load every page and chart, a second for each command; `revisit check` and the tests run them.
    BaseCommand.requires_system_checks = []
    try:
        ManagementUtility(["revisit", *words]).execute()
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
