from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django_tenants.utils import schema_context, tenant_context

from core.shared.chain import OutsideChainError, chain_date, chain_today, current_chain, without_statement_timeout
from tenants.postgresql_backend.current import connection


def limit():
    with connection().cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def test_inside_a_chain_its_facts_are_known(chain):
    found = current_chain()
    assert (found.schema_name, found.currency, found.time_zone) == ("acme", "CNY", "Asia/Shanghai")


def test_outside_any_chain_asking_raises(db):
    with pytest.raises(OutsideChainError, match="enter one with tenant_context"):
        current_chain()


def test_a_chain_entered_by_its_name_alone_has_no_facts(chains, db):
    with schema_context("acme"), pytest.raises(OutsideChainError):
        current_chain()


def test_the_time_limit_is_lifted_for_a_block(chain):
    assert limit() == "30s"
    with without_statement_timeout():
        assert limit() == "0"
    assert limit() == "30s"


def test_the_time_limit_is_a_setting(chain, settings):
    settings.STATEMENT_TIMEOUT = 5
    with without_statement_timeout():
        pass
    assert limit() == "5s"


def test_today_is_the_chains_own(chain):
    now = datetime.now(UTC)
    for chain.time_zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        with tenant_context(chain):
            assert chain_today() == now.astimezone(ZoneInfo(chain.time_zone)).date()


def test_a_moment_has_the_date_of_the_chains_time_zone(chain):
    """At half past eleven in Greenwich it is the next morning in Shanghai."""
    assert chain_date(datetime(2026, 3, 10, 23, 30, tzinfo=UTC)) == date(2026, 3, 11)
