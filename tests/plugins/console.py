"""Operators of the platform, and the console's host."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import DjangoDbBlocker, Settings

from core.accounts.models import User
from core.jobs.models import Job
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tests.plugins.chains import PASSWORD, ChainClient, outside_chains

HOST = "console.localhost"


@pytest.fixture
def no_second_factor(settings: Settings) -> None:
    settings.CONSOLE_NEEDS_SECOND_FACTOR = False


@pytest.fixture
def operator(chain: Chain) -> User:
    with outside_chains():
        return make_operator("ops@platform.test")


@pytest.fixture
def console_client(operator: User, no_second_factor: None) -> ChainClient:
    """Signed in at the console."""
    with outside_chains():
        client = ChainClient(headers={"host": HOST})
        client.force_login(operator)
        return client


@pytest.fixture
def committed_operator(committing: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """Outside any transaction."""
    with django_db_blocker.unblock():
        with outside_chains():
            made = make_operator("committed@platform.test")
        try:
            yield made
        finally:
            connection().close()


def make_operator(email: str) -> User:
    return User.objects.create(
        email=email,
        name="Ops",
        role=User.Role.OPERATOR,
        password=make_password(PASSWORD),
        language="en",
        email_confirmed_at=timezone.now(),
    )


def at_console(**cookies: str) -> Client:
    """Nobody yet."""
    client = ChainClient(headers={"host": HOST})
    client.cookies.load(cookies)
    return client


def page_of(chain: Chain, *rest: Any) -> str:
    return "/" + "/".join(["tenants/chain", str(chain.pk), *map(str, rest or ["change"])]) + "/"


def restoration(schema: str, *, name: str = "", file: str = "a.zip", **values: Any) -> Job:
    """Called outside any chain."""
    asked = {"schema": schema, "name": name, "file": file, "size": 1}
    return Job.objects.create(kind="restoration", arguments=asked, **values)


def set_back(chain: Chain) -> None:
    """A committed chain, to before the newest migration of its mail."""
    with tenant_context(chain), connection().as_owner(), connection().cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'mail' AND name = '0001_initial'")
        cursor.execute("DROP TABLE mail_outgoingmail")
