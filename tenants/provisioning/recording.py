"""Record the prepared script: run the migrations on a scratch chain and keep the statements that change something."""

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
# What reads, what stands around statements, and the record of migrations, which gets its own statement below.
PASSED_OVER = re.compile(
    r"""SELECT\s(?!.*setval\() | SHOW\s | SET\ssearch_path
    | (RELEASE\s)?SAVEPOINT\s | INSERT\sINTO\s"django_migrations" """,
    re.DOTALL | re.VERBOSE,
)
MOMENT = re.compile(r"'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?[-+]\d\d:\d\d)'(?:::timestamptz)?")


class RecordingError(RuntimeError):
    """A migration does something that a script cannot repeat."""


def record_chain_script() -> str:
    """The text of a script that gives a new chain what running its migrations gives. Leaves nothing behind."""
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
        if not PASSED_OVER.match(text):
            statements.extend(_literal(text, one) for one in (params if many else [params]))
        return execute(query, params, many, context)

    return record


def _literal(query: str, params: Any) -> str:
    text = query if params is None else ClientCursor(connection().connection).mogrify(query, params)
    return MOMENT.sub(_now_if_recent, text)


def _now_if_recent(moment: re.Match[str]) -> str:
    """The default of a column that says when a row was made is the moment of the recording."""
    recent = datetime.now(UTC) - datetime.fromisoformat(moment[1]) < timedelta(minutes=5)
    return "now()" if recent else moment[0]


def _migration_rows() -> str:
    """The record of migrations, with the time of the replay rather than that of the recording."""
    row = sql.SQL("({}, {}, now())")
    rows = [row.format(app, name) for app, name in chain_migrations()]
    insert = sql.SQL('INSERT INTO "django_migrations" ("app", "name", "applied") VALUES\n')
    return (insert + sql.SQL(",\n").join(rows)).as_string(None)
