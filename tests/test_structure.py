"""No module of the product needs one that needs it, and what a module needs stands at its top."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
# The folder a name is imported from, by the package at its top.
ROOTS = {"config": "platform", "tenants": "", "core": "", "billing": "", "api": ""}
# Imports inside functions, by module, each with its reason. Apps import in `ready` what needs their models.
LATE: dict[str, dict[str, str]] = {
    "config.cli": {
        "django": "the command line answers `--help` and stops servers without Django",
        "django.core.management": "as above",
        "django.core.management.base": "as above",
        "django.db.utils": "as above",
        "core.shared.errors": "as above",
    },
    "config.development": {
        "deploy.development.servers.locations": "a production image has none of it",
        "deploy.development.servers.serve": "as above",
        "deploy.development.servers": "as above",
    },
    "config.gunicorn": {
        "core.shared.concurrency": "gunicorn reads its settings before there is Django",
        "django.conf": "as above",
        "django.urls": "as above",
    },
    "core.reporting.render.charts.renderer": {"vl_convert": "most processes draw no chart, and it takes much memory"},
    "core.reporting.statistics.proportions": {"scipy": "every command knows the metrics, and few compute an interval"},
    "tenants.signup.address_names": {"pypinyin": "its table is needed for Chinese names alone"},
}


@cache
def sources() -> dict[str, Path]:
    """The modules of the product; migrations have a check of their own."""
    found = {}
    for root, folder in ROOTS.items():
        for path in (CHECKOUT / folder / root).rglob("*.py"):
            parts = path.relative_to(CHECKOUT / folder).with_suffix("").parts
            if "migrations" not in parts:
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """What a module imports, and whether inside a function other than `ready` of an app."""
    path = sources()[module]
    tree = ast.parse(path.read_text())
    late = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and not (path.name == "apps.py" and function.name == "ready")
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            source = ".".join(filter(None, [package if node.level else "", node.module or ""]))
            names = {f"{source}.{alias.name}" for alias in node.names}
            modules = names & sources().keys()
            yield from ((name, id(node) in late) for name in modules)
            if names - modules:
                yield source, id(node) in late


def test_no_module_needs_one_that_needs_it() -> None:
    graph = {module: {name for name, _late in imports(module) if name in sources()} for module in sources()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" needs ".join(reversed(error.args[1])))


def test_imports_inside_functions_are_listed_with_their_reason() -> None:
    found = defaultdict(set)
    for module in sources():
        for name, late in imports(module):
            if late:
                found[module].add(name)
    assert found == {module: set(names) for module, names in LATE.items()}


def test_an_app_writes_its_own_tables_alone() -> None:
    apps = {module.split(".")[1] for module in sources() if module.startswith("core.") and module.count(".") > 1}
    writes = re.compile(rf"\b(?:INSERT INTO|UPDATE|DELETE FROM) ({'|'.join(sorted(apps))})_\w+")
    found = {
        f"{module}: {match[0]}"
        for module, path in sources().items()
        for match in writes.finditer(path.read_text())
        if not module.startswith(f"core.{match[1]}.")
    }
    assert not found
