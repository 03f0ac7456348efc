"""Records the provisioning script: runs all migrations on a scratch chain and collects the SQL that changes data."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from psycopg import ClientCursor, sql

from tenants.postgresql_backend.current import connection

from .migrations import apply_migrations, chain_migrations
from .schema import make_schema
from .script import as_script

SCRATCH_SCHEMA = "recording"
# Reads, savepoints, and the rows of django_migrations, which _migration_rows writes.
SKIPPED_STATEMENTS = re.compile(
    r"""SELECT\s(?!.*setval\() | SHOW\s | SET\ssearch_path
    | (RELEASE\s)?SAVEPOINT\s | INSERT\sINTO\s"django_migrations" """,
    re.DOTALL | re.VERBOSE,
)
TIMESTAMP = re.compile(r"'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?[-+]\d\d:\d\d)'(?:::timestamptz)?")


class RecordingError(RuntimeError):
    """A migration does something that a script cannot repeat."""


def record_chain_script() -> str:
    """Return a script that builds what the migrations build; the scratch chain is rolled back."""
    statements: list[str] = []

    def fill() -> None:
        with connection().execute_wrapper(_recorder(statements)):
            apply_migrations()

    with transaction.atomic():
        make_schema(SCRATCH_SCHEMA, fill=fill)
        transaction.set_rollback(True)
    return as_script([*statements, _migration_rows()])


def _recorder(statements: list[str]) -> Callable[..., Any]:
    def record(execute: Callable[..., Any], query: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001
        text = str(query).strip()
        if text.startswith("ROLLBACK"):
            raise RecordingError("A migration rolls back to a savepoint; a script cannot repeat that.")
        if not SKIPPED_STATEMENTS.match(text):
            statements.extend(_literal(text, one) for one in (params if many else [params]))
        return execute(query, params, many, context)

    return record


def _literal(query: str, params: Any) -> str:
    text = query if params is None else ClientCursor(connection().connection).mogrify(query, params)
    return TIMESTAMP.sub(_now_if_recent, text)


def _now_if_recent(moment: re.Match[str]) -> str:
    """Replace timestamps of the recording, such as defaults of `created_at`, by now()."""
    recent = datetime.now(UTC) - datetime.fromisoformat(moment[1]) < timedelta(minutes=5)
    return "now()" if recent else moment[0]


def _migration_rows() -> str:
    """Return the INSERT into django_migrations, with the time of the replay."""
    row = sql.SQL("({}, {}, now())")
    rows = [row.format(app, name) for app, name in chain_migrations()]
    insert = sql.SQL('INSERT INTO "django_migrations" ("app", "name", "applied") VALUES\n')
    return (insert + sql.SQL(",\n").join(rows)).as_string(None)
