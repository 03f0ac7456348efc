"""Every regular expression of the product: those that modules hold, those in calls of `re`, those of its addresses."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from phonenumbers import SUPPORTED_REGIONS

from core.clients import keys
from core.imports.services.kinds import nobody
from core.imports.services.values import days
from core.shared import secret_links
from deploy.development.standin.customers import TAX_ID_TYPES
from deploy.development.standin.routes import ROUTES

PACKAGES = ("config", "core", "tenants", "billing", "api", "deploy.development")
URLCONFS = ("config.urls_tenant", "config.urls_public", "config.urls_console")
CALLS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
# What calls make of values that only exist while they run: by file and source of the argument.
AT_RUN_TIME: dict[tuple[str, str], list[str]] = {
    ("deploy/development/standin/customers.py", "TAX_ID_TYPES[kind]"): list(TAX_ID_TYPES.values()),
    ("deploy/development/standin/routes.py", "'/v1/' + path.replace('ID', '([\\\\w.-]+)')"): [
        route.pattern.pattern for route in ROUTES
    ],
    (
        "core/shared/secret_links.py",
        """f\"\"\"(?i)((?:/|%2F)(?:{'|'.join(prefixes)})(?:/|%2F))[^?#&\\\\s\\\\\"'<>]+\"\"\"""",
    ): [secret_links._secret_paths().pattern],
    (
        "core/imports/services/kinds/nobody.py",
        "f'(?:{words}){(_NUMBER_APART if name.isascii() else _NUMBER)}'",
    ): [look.pattern for look in nobody._LOOKS.values()],
    ("core/imports/services/kinds/nobody.py", "words"): list(nobody._MARKS.values()),
    ("core/imports/services/values/days.py", "form"): [form.pattern for form in (*days._CERTAIN, *days._YEARLESS)],
    ("core/clients/keys.py", "'|'.join((f'(?:{part})' for part in parts)) or '.'"): [
        keys._prefixes(country).pattern for country in sorted(SUPPORTED_REGIONS)
    ],
}
Found = dict[tuple[str | bytes, int], tuple[str, re.Pattern[Any]]]


def all_patterns() -> list[tuple[str, re.Pattern[Any]]]:
    """Each once, with where it is."""
    found: Found = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in held_by(value, depth=4):
                _add(found, f"{module.__name__}.{name}", pattern)
        for pattern, place in _in_calls(module):
            _add(found, place, pattern)
    for urlconf in URLCONFS:
        for entry in entries(get_resolver(urlconf)):
            _add(found, f"{urlconf}: {entry.pattern}", entry.pattern.regex)
    return list(found.values())


def _add(found: Found, place: str, pattern: re.Pattern[Any]) -> None:
    found.setdefault((pattern.pattern, pattern.flags), (place, pattern))


def modules() -> Iterator[ModuleType]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            # Running as a program is what it is for; the settings are of one environment.
            if not found.name.endswith("__main__") and not found.name.startswith(("config.settings.", "config.wsgi")):
                yield importlib.import_module(found.name)


def held_by(value: Any, *, depth: int) -> Iterator[re.Pattern[Any]]:
    """Patterns in a value, in what it contains and in what its fields hold."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from held_by(one, depth=depth - 1)
    elif depth and isinstance(value, dict):
        yield from held_by([*value, *value.values()], depth=depth - 1)
    elif depth and is_dataclass(value) and not isinstance(value, type):
        yield from held_by([getattr(value, field.name, None) for field in fields(value)], depth=depth - 1)
    elif depth and isinstance(value, type) and value.__module__.startswith(PACKAGES):
        yield from held_by([one for name, one in vars(value).items() if name != "__dict__"], depth=depth - 1)


def _in_calls(module: ModuleType) -> Iterator[tuple[re.Pattern[Any], str]]:
    """What is given to `re` anywhere in the module's source; an argument that is not known beforehand has to be listed
    in AT_RUN_TIME."""
    path = Path(module.__file__ or "")
    if path.suffix != ".py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = "/".join(path.parts[-len(module.__name__.split(".")) - (path.stem == "__init__") :])
    for call in ast.walk(tree):
        if isinstance(call, ast.ImportFrom) and call.module == "re":
            raise AssertionError(f"{own}: import re whole, so that its calls are seen.")
        if isinstance(call, ast.Call) and _is_of_re(call.func):
            place, flags = f"{own}:{call.lineno}", _flags(call, module)
            for text in _texts(call.args[0], module, own):
                yield (text if isinstance(text, re.Pattern) else re.compile(text, flags)), place


def _is_of_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in CALLS
    )


def _flags(call: ast.Call, module: ModuleType) -> int:
    is_compile = isinstance(call.func, ast.Attribute) and call.func.attr == "compile"
    given = call.args[1] if is_compile and len(call.args) > 1 else None
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "flags"), given)
    return int(_evaluated(given, module)) if given is not None else 0


def _texts(argument: ast.expr, module: ModuleType, own: str) -> list[Any]:
    listed = AT_RUN_TIME.get((own, ast.unparse(argument)))
    if listed is not None:
        return listed
    try:
        return [_evaluated(argument, module)]
    except NameError as error:
        raise AssertionError(f"List what {ast.unparse(argument)} of {own} can be in AT_RUN_TIME.") from error


def _evaluated(expression: ast.expr, module: ModuleType) -> Any:
    code = compile(ast.Expression(expression), "<argument>", "eval")
    return eval(code, dict(vars(module)))  # noqa: S307 - our own source


def entries(resolver: URLResolver) -> Iterator[URLPattern | URLResolver]:
    for entry in resolver.url_patterns:
        yield entry
        if isinstance(entry, URLResolver):
            yield from entries(entry)
