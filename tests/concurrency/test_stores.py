"""Stores opened at the same moment, over real connections."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from core.audit.trail import record
from core.stores.models import Store
from core.stores.services.stores import open_store
from tenants.models import Chain
from tests.plugins.at_once import refusals_at_once

TRIES = 8


def test_of_many_who_open_the_last_store_at_once_one_does(
    make_committed_chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(**about: Any) -> None:
        """So that each has written its store before any counts."""
        time.sleep(0.3)
        record(**about)

    chain = make_committed_chain()
    chain.allowance = {"plan": "chain", "stores": 3}
    chain.save()
    with tenant_context(chain):
        for code in ("A", "B"):
            open_store(code=code, name=code, city="X", city_tier="一线", region="E")
    monkeypatch.setattr("core.stores.services.stores.record", slowly)

    def one(number: int) -> Callable[[], Store]:
        return lambda: open_store(code=f"N{number}", name="N", city="X", city_tier="一线", region="E")

    ends = refusals_at_once(*map(one, range(TRIES)), chain=chain)
    assert ends == ["", *["plan_limit"] * (TRIES - 1)]
    with tenant_context(chain):
        assert Store.objects.open().count() == 3
