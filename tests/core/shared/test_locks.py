"""Locks of chains: nobody guesses one, and none stands in another chain's way."""

import pytest
from django.db import connection, transaction
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.shared.locks import lock_chain, lock_key, lock_transaction, try_lock_transaction
from tenants.models import Chain
from tests.plugins.at_once import at_once
from tests.tenants.postgresql_backend.test_session import inside, standing


def test_the_number_depends_on_each_part_and_on_the_secret(settings: Settings) -> None:
    names = [("acme", "imports"), ("other", "imports"), ("acme", "facts"), ("acmeimports",), ("acme", "im", "ports")]
    numbers = {lock_key(*parts) for parts in names}
    assert len(numbers) == len(names)
    assert all(-(2**63) <= number < 2**63 for number in numbers)
    before = lock_key("acme", "imports")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert lock_key("acme", "imports") == before
    settings.SECRET_KEY_FALLBACKS = []
    assert lock_key("acme", "imports") != before


def test_taken_from_inside_a_chain_it_leaves_the_session_there(chain: Chain) -> None:
    lock_chain("facts", shared=True)
    assert standing() == inside("acme")
    with connection.cursor() as cursor, tenant_context(chain), pytest.raises(Exception, match="permission denied"):
        cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [lock_key("acme", "facts")])


def test_it_is_held_until_the_transaction_ends(committed_chain: Chain) -> None:
    schema = committed_chain.schema_name

    def free(*parts: str) -> bool:
        with transaction.atomic():
            return try_lock_transaction(*parts)

    def free_elsewhere(*parts: str) -> bool:
        return bool(at_once(lambda: free(*parts), chain=committed_chain)[0])

    with transaction.atomic():
        lock_chain("facts")
        assert not free_elsewhere(schema, "facts")
        assert free_elsewhere(schema, "imports")
        assert free_elsewhere("another", "facts")
    assert free_elsewhere(schema, "facts")
    with transaction.atomic():
        lock_transaction(schema, "facts", shared=True)
        assert not free_elsewhere(schema, "facts")
