"""The operator's figures: months add up, whatever happened, and each figure is the sum of the rows behind it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import revenue
from billing.models import Account, Invoice, RevenueChange
from billing.revenue import Month
from billing.services.stripe_sync import record_revenue_change

FIRST, LAST = Month(2025, 11), Month(2026, 3)
BEGIN = FIRST.start
CURRENCIES = ("CNY", "USD")
# Which account, how many hours later, what it then pays a month, in which currency.
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.integers(0, 400),
        st.one_of(st.just(0), st.integers(1, 10**9)),
        st.sampled_from(CURRENCIES),
    ),
    max_size=12,
)


def change(account: Account, now: datetime, amount: int, currency: str) -> None:
    """As reading it again does it."""
    before = account.currency, account.monthly_amount
    account.currency, account.monthly_amount, account.subscription_id = currency, amount, "sub_1"
    account.save()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: now)
        record_revenue_change(account, None, *before)


def test_months_follow_one_another() -> None:
    assert [str(month) for month in revenue.months(FIRST, LAST)] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert Month.of(datetime(2026, 1, 1, 7, tzinfo=UTC) - timedelta(hours=8)) == Month(2025, 12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_months_add_up(account: Account, other_account: Account, steps: list[Any]) -> None:
    RevenueChange.objects.all().delete()
    accounts = [account, other_account]
    for each in accounts:
        each.currency, each.monthly_amount = "CNY", 0
        each.save()
    now, history = BEGIN, [(BEGIN, dict.fromkeys(CURRENCIES, 0))]
    for which, hours, amount, currency in steps:
        now += timedelta(hours=hours)
        change(accounts[which], now, amount, currency)
        totals = {code: sum(each.monthly_amount for each in accounts if each.currency == code) for code in CURRENCIES}
        history.append((now, totals))
    for currency in CURRENCIES:
        found = revenue.movements(currency, FIRST, LAST)
        for movement in found:
            known = [totals for at, totals in history if at < movement.month.next.start]
            assert movement.end == known[-1][currency]
        assert [movement.begin for movement in found[1:]] == [movement.end for movement in found[:-1]]
        assert revenue.mrr(currency, LAST.next.next.next.start) == sum(
            each.monthly_amount for each in Account.objects.filter(currency=currency, monthly_amount__gt=0)
        )
    rows = RevenueChange.objects.order_by("pk")
    assert all(row.before != row.after for row in rows)


def test_what_a_change_is_called(account: Account) -> None:
    for day, amount in enumerate([0, 100, 100, 150, 120, 0, 0, 90]):
        change(account, BEGIN + timedelta(days=day), amount, "CNY")
    kinds = list(RevenueChange.objects.order_by("pk").values_list("kind", "before", "after"))
    assert kinds == [
        ("new", 0, 100),
        ("expansion", 100, 150),
        ("contraction", 150, 120),
        ("churn", 120, 0),
        ("return", 0, 90),
    ]
    assert revenue.movements("CNY", FIRST, FIRST)[0].by_kind == {
        "new": 100,
        "expansion": 50,
        "contraction": -30,
        "churn": -120,
        "return": 90,
    }


def test_another_currency_is_an_end_and_a_beginning(account: Account) -> None:
    change(account, BEGIN, 100, "CNY")
    change(account, BEGIN + timedelta(days=1), 80, "USD")
    assert revenue.currencies() == ["CNY", "USD"]
    assert (revenue.mrr("CNY", LAST.start), revenue.mrr("USD", LAST.start)) == (0, 80)


def test_trials(account: Account, other_account: Account) -> None:
    month = Month.of(timezone.now())
    assert revenue.trials(month, month)[month] == revenue.Trials(started=2, converted=0, running=2)
    assert revenue.trials(month, month)[month].conversion is None
    change(account, timezone.now(), 100, "CNY")
    change(account, timezone.now(), 0, "CNY")
    assert revenue.trials(month, month)[month] == revenue.Trials(started=2, converted=1, running=1)
    Account.objects.filter(pk=other_account.pk).update(trial_ends_at=timezone.now())
    assert revenue.trials(month, month)[month].conversion == 0.5


def test_payments(account: Account) -> None:
    rows: list[dict[str, Any]] = [
        {"status": "paid", "total": 100, "amount_paid": 100, "attempts": 1, "amount_refunded": 40},
        {"status": "paid", "total": 200, "amount_paid": 200, "attempts": 3},
        {"status": "open", "total": 400, "attempts": 2},
        {"status": "open", "total": 9, "attempts": 0},
        {"status": "uncollectible", "total": 800, "attempts": 4},
        {"status": "paid", "total": 1600, "amount_paid": 1600, "attempts": 1, "is_disputed": True},
        {"status": "void", "total": 3200},
        {"status": "paid", "total": 6400, "amount_paid": 6400, "currency": "USD"},
        {"status": "paid", "total": 12800, "amount_paid": 12800, "created_at": FIRST.next.start},
    ]
    for number, row in enumerate(rows):
        Invoice.objects.create(id=f"in_{number}", account=account, **{"currency": "CNY", "created_at": BEGIN, **row})
    found = revenue.payments("CNY", FIRST, LAST)[FIRST]
    assert found == revenue.Payments(
        billed=3109, paid=1900, refunded=40, disputed=1600, recovered=200, waiting=400, lost=800
    )
    assert found.failed == 1400
    for name, chosen in revenue.INVOICE_FILTERS.items():
        behind = revenue.invoices("CNY", FIRST, FIRST).filter(chosen)
        assert behind.exists() == bool(getattr(found, name))
