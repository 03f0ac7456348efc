"""Operators of the platform, and the console's host."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from core.accounts.models import User
from tenants.models import Chain
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
