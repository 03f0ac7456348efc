"""The chain that the running code serves: the only interface of `core` to tenancy."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Protocol, cast, runtime_checkable
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name, schema_context

from core.shared.errors import AppError
from core.shared.plans import Entitlements


@runtime_checkable
class ChainInfo(Protocol):
    """The attributes of a chain that `core` uses."""

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
    @property
    def writable_until(self) -> datetime | None: ...
    @property
    def is_suspended(self) -> bool: ...
    @property
    def is_read_only(self) -> bool: ...
    @property
    def is_unpaid(self) -> bool: ...
    @property
    def erase_at(self) -> datetime | None: ...
    @property
    def entitlements(self) -> Entitlements: ...

    def url(self, path: str = "/") -> str:
        """An address at the chain's main host: what links in mails begin with, whatever host a request came to."""


def chain_today() -> date:
    """The date in the time zone of the chain this thread is in."""
    return datetime.now(ZoneInfo(current_chain().time_zone)).date()


def chain_date(moment: datetime) -> date:
    """The date at a moment, in that time zone."""
    return moment.astimezone(ZoneInfo(current_chain().time_zone)).date()


class OutsideChainError(RuntimeError):
    """Code that serves a chain ran outside one."""


def current_chain() -> ChainInfo:
    """The chain this thread is in."""
    tenant = getattr(connection, "tenant", None)
    if isinstance(tenant, ChainInfo):
        return tenant
    raise OutsideChainError("No chain is entered here: enter one with tenant_context(chain).")


def is_inside_chain() -> bool:
    return isinstance(getattr(connection, "tenant", None), ChainInfo)


def current_schema() -> str:
    """The schema of the current chain, or of the platform."""
    return str(cast("Any", connection).schema_name or get_public_schema_name())


@contextmanager
def outside_chain() -> Iterator[None]:
    """Leaves the chain for the block and acts as the application's login; only for statements without user input."""
    with schema_context(get_public_schema_name()):
        yield


def require_writable() -> None:
    """Raises AppError if the chain is suspended or unpaid; services that change records call it first."""
    if current_chain().is_read_only:
        raise read_only()


def read_only() -> AppError:
    if current_chain().is_unpaid:
        message = _(
            "The trial or the subscription has ended: everything can be read and exported, nothing changed. The owner "
            "can subscribe under “Plan and billing”."
        )
        return AppError("chain_unpaid", message, status=402)
    message = _(
        "The chain is suspended: everything can be read and exported, nothing changed. Ask whoever runs the site."
    )
    return AppError("chain_read_only", message, status=403)


@contextmanager
def without_statement_timeout() -> Iterator[None]:
    """Lifts the statement timeout, which is meant for requests, in commands, tasks and imports."""
    with cast("Any", connection).statement_timeout(0):
        yield
