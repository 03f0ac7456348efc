"""Chains for tests: two that last as long as the worker, entered in a transaction, and throwaway ones that commit."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import tenant_context
from psycopg.errors import DeadlockDetected
from pytest_django import DjangoDbBlocker

from core.accounts.models import User
from core.stores.models import Store, StoreAccess
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import create_chain, drop_chain

PASSWORD = "a quiet morning in spring"
# Pages of every host that someone who is not signed in may open: signing in, the language, a forgotten password.
OPEN_EVERYWHERE = {
    "language",
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
}
_numbers = itertools.count(1)


class ChainClient(Client):
    """Talks to one chain's host, and leaves the test in the chain it was in."""

    def request(self, **request: Any) -> Any:
        before = connection().tenant
        try:
            response = super().request(**request)
        finally:
            connection().set_tenant(before)
        if response.streaming:
            response.streaming_content = _and_back(response.streaming_content)
        return response


def _and_back(parts: Iterator[bytes]) -> Iterator[bytes]:
    """A streamed response ends its request, and leaves the chain, when it has been read."""
    before = connection().tenant
    try:
        yield from parts
    finally:
        connection().set_tenant(before)


@pytest.fixture(autouse=True)
def nothing_cached() -> None:
    """What a test had cached is nothing to the next."""
    cache.clear()


@pytest.fixture(scope="session")
def chains(platform_tables: list[str], django_db_blocker: DjangoDbBlocker) -> None:
    """`acme` (CNY, Shanghai) and `other` (GBP, London), made once in each worker's database."""
    with django_db_blocker.unblock():
        create_chain(schema="acme", name="Acme Beauty")
        create_chain(
            schema="other", name="Other Salons", country="GB", currency="GBP", time_zone="Europe/London", language="en"
        )
        connection().close()


@pytest.fixture
def chain(chains: None, db: None) -> Iterator[Chain]:
    """The test runs inside `acme`; nothing of it is kept."""
    with tenant_context(found := Chain.objects.get(schema_name="acme")):
        yield found


@pytest.fixture
def other_chain(chains: None, db: None) -> Chain:
    """A second chain, to be entered with `tenant_context(other_chain)`."""
    with tenant_context(public()):
        return Chain.objects.get(schema_name="other")


@pytest.fixture
def hq_user(chain: Chain) -> User:
    return make_user("hq@acme.test", role=User.Role.HQ)


@pytest.fixture
def store(chain: Chain) -> Store:
    """The store of `manager_user`."""
    made = Store.objects.create(code="S001", name="Acme One")
    made.locations.create(city="上海", city_tier="一线", region="华东")
    return made


@pytest.fixture
def manager_user(store: Store) -> User:
    user = make_user("manager@acme.test", role=User.Role.STORE_MANAGER)
    StoreAccess.objects.create(user=user, store=store)
    return user


@pytest.fixture
def anonymous_client(chain: Chain) -> ChainClient:
    return ChainClient(headers={"host": "acme.localhost"})


@pytest.fixture
def hq_client(hq_user: User) -> ChainClient:
    return signed_in(hq_user, host="acme.localhost")


@pytest.fixture
def manager_client(manager_user: User) -> ChainClient:
    return signed_in(manager_user, host="acme.localhost")


@pytest.fixture
def other_client(other_chain: Chain) -> ChainClient:
    """Signed in at the other chain, as its HQ."""
    with tenant_context(other_chain):
        return signed_in(make_user("hq@other.test", role=User.Role.HQ), host="other.localhost")


@pytest.fixture
def make_committed_chain(committing: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[..., Chain]]:
    """Makes throwaway chains outside any transaction, for tests with several connections; drops them at the end.

    Not to be mixed with `db` or `chain`, whose transaction such tests must not be in.
    """
    made: list[str] = []

    def make(**options: Any) -> Chain:
        schema = options.pop("schema", f"throwaway{next(_numbers)}")
        create_chain(**{"name": "Throwaway", **options, "schema": schema})
        made.append(schema)
        return Chain.objects.get(schema_name=schema)

    with django_db_blocker.unblock():
        try:
            yield make
        finally:
            connection().set_tenant(public())
            for chain in Chain.objects.filter(schema_name__in=made):
                _drop(chain)
            connection().close()


def _drop(chain: Chain) -> None:
    """Once more where work that a test has left going, such as a webhook's, was in the way."""
    try:
        drop_chain(chain)
    except OperationalError as error:
        if not isinstance(error.__cause__, DeadlockDetected):
            raise
        drop_chain(chain)


@pytest.fixture
def committed_chain(make_committed_chain: Callable[..., Chain]) -> Iterator[Chain]:
    """The test runs inside a throwaway chain and commits."""
    with tenant_context(made := make_committed_chain()):
        yield made


def make_user(email: str, *, role: str) -> User:
    """Whose e-mail address is confirmed."""
    return User.objects.create(
        email=email, name=email, role=role, password=make_password(PASSWORD), email_confirmed_at=timezone.now()
    )


def signed_in(user: User, *, host: str) -> ChainClient:
    client = ChainClient(headers={"host": host})
    client.force_login(user)
    return client


def signed_in_by_two_steps(user: User, *, host: str) -> ChainClient:
    """In the schema entered: with a recovery code as the second step."""
    client = ChainClient(headers={"host": host})
    client.post("/sign-in/", {"login": user.email, "password": PASSWORD})
    (code, *_) = RecoveryCodes.activate(user).get_unused_codes()
    assert client.post("/account/two-step/authenticate/", {"code": code}).status_code == 302
    return client


def public() -> Any:
    return FakeTenant("public")


@contextmanager
def outside_chains() -> Iterator[None]:
    """For a moment, as the platform."""
    with tenant_context(public()):
        yield
