"""Who listens to visits takes part in the change: what fails there undoes it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.accounts.models import User
from core.stores.models import Store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from core.visits.signals import visit_recorded


@pytest.fixture
def failing_receiver() -> Iterator[None]:
    def fail(**_more: Any) -> None:
        raise RuntimeError("no facts")

    visit_recorded.connect(fail)
    yield
    visit_recorded.disconnect(fail)


@pytest.mark.usefixtures("failing_receiver")
def test_a_visit_whose_facts_cannot_be_kept_is_not_recorded(manager_user: User, store: Store) -> None:
    with pytest.raises(RuntimeError, match="no facts"):
        record_visit(
            acting_user=manager_user,
            store=store,
            client=None,
            day=date(2025, 6, 1),
            lines=[NewLine(amount=Decimal(88))],
        )
    assert not Visit.objects.exists()
