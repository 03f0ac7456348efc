"""The thresholds of value segments: kept, audited, and used by every figure at once."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.reporting.answers import document
from core.reporting.models import SpendThreshold
from core.reporting.question import Question
from core.reporting.spend_thresholds import SpendThresholds, set_spend_thresholds, spend_thresholds
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tests.plugins.chains import make_user

QUESTION = Question(metric="value_segments", start=date(2025, 1, 1), end=date(2026, 1, 1))


def test_a_chain_has_the_defaults_until_it_sets_its_own(hq_user: User) -> None:
    assert spend_thresholds() == SpendThresholds(5_000, 1_500)
    set_spend_thresholds(high_above=900, mid_from=300, acting_user=hq_user)
    set_spend_thresholds(high_above=800, mid_from=300, acting_user=hq_user)
    assert spend_thresholds() == SpendThresholds(800, 300)
    entries = AuditEntry.objects.filter(action="segments.thresholds_changed").order_by("pk")
    assert [(entry.before, entry.after) for entry in entries] == [
        ({"high_above": 5_000, "mid_from": 1_500}, {"high_above": 900, "mid_from": 300}),
        ({"high_above": 900}, {"high_above": 800}),
    ]


@pytest.mark.parametrize(
    ("high", "mid", "field"),
    [(100, 100, "high_above"), (99, 100, "high_above"), (5, 0, "mid_from"), (5, -1, "mid_from")],
)
def test_thresholds_out_of_order_are_refused(hq_user: User, high: int, mid: int, field: str) -> None:
    with pytest.raises(AppError) as caught:
        set_spend_thresholds(high_above=high, mid_from=mid, acting_user=hq_user)
    assert (caught.value.code, caught.value.field) == ("bad_threshold", field)
    assert not SpendThreshold.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        SpendThreshold.objects.create(high_above=max(high, 0), mid_from=max(mid, 0))


@pytest.mark.parametrize("role", [User.Role.REGIONAL_MANAGER, User.Role.STORE_MANAGER, User.Role.BEAUTICIAN])
@pytest.mark.usefixtures("chain")
def test_others_change_nothing(role: str) -> None:
    with pytest.raises(AppError) as caught:
        set_spend_thresholds(high_above=9, mid_from=3, acting_user=make_user("x@acme.test", role=role))
    assert caught.value.code == "not_allowed"
    assert not SpendThreshold.objects.exists()


def test_answers_that_were_kept_do_not_survive_a_change(hq_user: User, store: Store) -> None:
    for ref, day, amount in (("old", date(2023, 12, 1), 1), ("1", date(2024, 5, 1), 700), ("1", date(2025, 5, 1), 50)):
        client, _made = Client.objects.get_or_create(ref=ref)
        lines = [NewLine(amount=Decimal(amount))]
        record_visit(acting_user=hq_user, store=store, client=client, day=day, lines=lines)
    assert document(QUESTION)["total"]["high_clients"] == document(QUESTION)["total"]["high_clients"] == 0
    assert document(QUESTION)["thresholds"] == {"high_above": 500_000, "mid_from": 150_000}
    set_spend_thresholds(high_above=699, mid_from=50, acting_user=hq_user)
    found = document(QUESTION)
    assert (found["total"]["high_clients"], found["total"]["potential_clients"]) == (1, 0)
    assert found["thresholds"] == {"high_above": 69_900, "mid_from": 5_000}
    set_spend_thresholds(high_above=700, mid_from=50, acting_user=hq_user)
    assert document(QUESTION)["total"]["mid_clients"] == 1
