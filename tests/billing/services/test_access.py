"""Until when a chain can be written to, by what Stripe says of its subscription."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.models import Account
from billing.plans import GRACE_DAYS
from billing.services.access import compute_access

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FAILED = NOW - timedelta(days=7)
GRACE_ENDS = FAILED + timedelta(days=GRACE_DAYS)
Status = Account.Status


@pytest.mark.parametrize(
    ("status", "fields", "until"),
    [
        (Status.NONE, {}, NOW + timedelta(days=3)),
        (Status.INCOMPLETE, {}, NOW + timedelta(days=3)),
        (Status.TRIALING, {}, None),
        (Status.ACTIVE, {}, None),
        # An invoice that is open while the subscription runs is nothing to the access.
        (Status.ACTIVE, {"past_due_since": FAILED}, None),
        (Status.PAST_DUE, {"past_due_since": FAILED}, GRACE_ENDS),
        (Status.UNPAID, {"past_due_since": FAILED}, GRACE_ENDS),
        (Status.CANCELED, {"ended_at": NOW}, NOW),
        # Stripe gave up after its last try, and the grace is longer.
        (Status.CANCELED, {"ended_at": NOW, "past_due_since": FAILED}, GRACE_ENDS),
    ],
)
def test_writable_until(status: str, fields: dict[str, Any], until: datetime | None) -> None:
    account = Account(
        status=status, plan="chain", quantity=3, trial_ends_at=NOW + timedelta(days=3), read_at=NOW, **fields
    )
    assert compute_access(account).writable_until == until
