"""What the installed apps declare to the rest of the product, each in its module `declaration`, if it has one:

- `SECTIONS`, `RIGHTS`: sections of the site (core.accounts.sections) and rights (core.accounts.rights)
- `Action`, `Kind`, `FIELD_WORDS`, `FIELD_CHOICES`: what the audit trail tells of, in words (core.audit)
- `FILE_FIELDS`: fields that columns of a file can mean (core.shared.file_fields)
- `STAYS_WHEN_MERGED`: references, such as `stores.StoreLocation.store`, that do not follow a record into another that
  it is merged into (core.merging)
- `CLOSED_TO_OPERATORS`: views closed to an operator who works as someone of the chain (core.impersonation.middleware)
- `ALLOWED_WHILE_READ_ONLY`: views whose forms a suspended or unpaid chain may send (core.shared.middleware)
- `EXPENSIVE_REQUESTS`: by method and view, such as `GET audit:csv`, whether a request makes `files`, hashes `passwords`
  or waits for other `services` (core.shared.concurrency)
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from django.apps import apps
from django.utils.module_loading import module_has_submodule

T = TypeVar("T")


def declared(name: str, kind: type[T]) -> tuple[T, ...]:
    """All that stands under this name in the lists of the apps, app by app. Raises TypeError for what is no `kind`."""
    items = [item for module in _declarations() for item in getattr(module, name, ())]
    for item in items:
        if not isinstance(item, kind):
            raise TypeError(f"{name} holds {item!r}, which is no {kind.__name__}.")
    return tuple(items)


def declared_words(name: str) -> Mapping[str, Any]:
    """The dictionaries of this name of all apps, as one."""
    return _words(name, _declarations())


# Each request looks whether it is an expensive one.
@cache
def _words(name: str, modules: tuple[ModuleType, ...]) -> Mapping[str, Any]:
    return {key: value for module in modules for key, value in getattr(module, name, {}).items()}


def _declarations() -> tuple[ModuleType, ...]:
    """Those of the apps that are installed now."""
    return _modules(tuple(config.name for config in apps.get_app_configs()))


@cache
def _modules(app_names: tuple[str, ...]) -> tuple[ModuleType, ...]:
    """Those of a chain's own apps first."""
    return tuple(
        import_module(f"{name}.declaration")
        for name in sorted(app_names, key=lambda name: not name.startswith("core."))
        if module_has_submodule(import_module(name), "declaration")
    )
