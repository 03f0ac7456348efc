"""The chain that the running code serves, as a small port: `core` knows no more of tenancy than this."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast, runtime_checkable

from django.db import connection


@runtime_checkable
class ChainInfo(Protocol):
    """What code that serves a chain may ask of it."""

    @property
    def schema_name(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def language(self) -> str: ...


class OutsideChainError(RuntimeError):
    """Code that serves a chain ran outside any."""


def current_chain() -> ChainInfo:
    """The chain this thread is in."""
    tenant = getattr(connection, "tenant", None)
    if isinstance(tenant, ChainInfo):
        return tenant
    raise OutsideChainError("No chain is entered here: enter one with tenant_context(chain).")


def is_inside_chain() -> bool:
    return isinstance(getattr(connection, "tenant", None), ChainInfo)


@contextmanager
def without_statement_timeout() -> Iterator[None]:
    """Lift the time limit of statements, which is meant for requests: for commands, tasks and imports."""
    with cast("Any", connection).statement_timeout(0):
        yield
