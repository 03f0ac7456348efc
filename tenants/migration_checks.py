"""System check: chain migrations must not block the site, break the previous release, or import product code.

Migrations run chain by chain while both releases serve; docs/migrations.md gives an alternative for each operation
refused here. A migration can override the check with a reason in its class attribute `safe_because`.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.apps.config import AppConfig
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.core.checks import CheckMessage, Error
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field, ManyToManyField
from django.db.models.fields import NOT_PROVIDED

# The rooms of the product, none of which a migration imports; and operations that are made for migrations.
PRODUCT = frozenset({"api", "billing", "config", "core", "tenants"})
FOR_MIGRATIONS = "core.shared.migration_operations"
TWO_STEPS = "the former release still uses it: take it out of the models first, drop it in a later release"
LOCKS_WRITERS = "writers wait for as long as it looks at the table"
INDEX_IN_SQL = re.compile(r"\bCREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)", re.IGNORECASE)
# Field options whose change makes PostgreSQL rewrite or scan the table.
REWRITING = ("max_digits", "decimal_places", "db_collation")


def check_migrations(app_configs: Iterable[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Run the check for our own apps that have tables in chain schemas."""
    configs = apps.get_app_configs() if app_configs is None else app_configs
    own_labels = {app.label for app in configs if app.name in settings.TENANT_APPS and app.name.startswith("core.")}
    loader = MigrationLoader(None, ignore_no_migrations=True)
    state, seen = ProjectState(), set()
    messages: list[CheckMessage] = []
    for leaf in loader.graph.leaf_nodes():
        for key in loader.graph.forwards_plan(leaf):
            if key in seen:
                continue
            seen.add(key)
            migration = loader.graph.nodes[key]
            problems = list(find_problems(migration, state))
            if key[0] in own_labels:
                messages += [_message(key, problem) for problem in problems]
            if migration.__module__.partition(".")[0] in PRODUCT:
                messages += [_message(key, problem) for problem in imported_product_code(source_of(migration))]
    return messages


def _message(key: tuple[str, str], problem: str) -> Error:
    hint = "See docs/migrations.md; or say in the migration why it does no harm: safe_because = “…”."
    return Error(f"Migration {key[0]} {key[1]}: {problem}.", hint=hint, id="tenants.E001")


def source_of(migration: Migration) -> str:
    return Path(sys.modules[migration.__module__].__file__ or "").read_text()


def imported_product_code(source: str) -> Iterator[str]:
    """Modules of the product that a migration imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if name.partition(".")[0] in PRODUCT and name != FOR_MIGRATIONS:
                yield f"it imports {name}, which will have changed by the time it runs: take models from `apps`"


def find_problems(migration: Migration, state: ProjectState) -> Iterator[str]:
    """Yield the problems of a migration, applying its operations to `state`."""
    is_excused = bool(getattr(migration, "safe_because", ""))
    created: set[str] = set()
    if not is_excused:
        yield from _mixed_operations(migration)
    for operation in migration.operations:
        if isinstance(operation, ops.CreateModel):
            created.add(operation.name_lower)
        name = getattr(operation, "model_name_lower", "")
        problem = None if is_excused or name in created else _operation_problem(operation, migration.app_label, state)
        if problem:
            yield f"{operation.describe()}: {problem}"
        operation.state_forwards(migration.app_label, state)


def _mixed_operations(migration: Migration) -> Iterator[str]:
    code = [operation for operation in migration.operations if isinstance(operation, ops.RunPython)]
    if code and migration.atomic and len(code) < len(migration.operations):
        yield "RunPython beside other operations keeps their locks until it ends; give it a migration of its own"


def _operation_problem(operation: Operation, label: str, state: ProjectState) -> str | None:  # noqa: PLR0911
    match operation:
        case ops.AddField():
            return _added_field_problem(operation.field)
        case ops.AlterField():
            before = state.models[label, operation.model_name_lower].fields[operation.name]
            return _altered_field_problem(before, operation.field)
        case ops.RemoveField() | ops.DeleteModel() | ops.RenameField() | ops.RenameModel() | ops.AlterModelTable():
            return TWO_STEPS
        case AddIndexConcurrently() | AddConstraintNotValid():
            return None
        case ops.AddIndex() | ops.AddConstraint() | ops.AlterUniqueTogether() | ops.AlterIndexTogether():
            return LOCKS_WRITERS
        case ops.RunPython() | ops.RunSQL() if not operation.reversible:
            return "it cannot be taken back; give the way back, or noop where there is nothing to do"
        case ops.RunSQL() if INDEX_IN_SQL.search(str(operation.sql)):
            return LOCKS_WRITERS
    return None


def _added_field_problem(field: "Field[Any, Any]") -> str | None:
    if isinstance(field, ManyToManyField) or field.null or field.db_default is not NOT_PROVIDED:
        return None
    return "the former release inserts rows without it: allow NULL, or give it a db_default"


def _altered_field_problem(before: "Field[Any, Any]", after: "Field[Any, Any]") -> str | None:
    if type(before) is not type(after) or any(_option(before, name) != _option(after, name) for name in REWRITING):
        return "the table is written anew, and no one reads it meanwhile; add another field instead"
    if before.null and not after.null:
        return "no one reads or writes while every row is looked at; add a check constraint NOT VALID, then validate it"
    if (after.unique and not before.unique) or (_option(after, "db_index") and not _option(before, "db_index")):
        return LOCKS_WRITERS
    shorter = after.max_length is not None and (before.max_length is None or after.max_length < before.max_length)
    return "the table is written anew, and what is longer is refused" if shorter else None


def _option(field: "Field[Any, Any]", name: str) -> Any:
    return getattr(field, name, None)
