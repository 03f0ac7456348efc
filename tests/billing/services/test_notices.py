"""Letters about trial and payment: which, to whom, and each once however often the dispatcher runs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import Settings

from billing.models import Account, Invoice, Notice
from billing.services.notices import send_due_notices
from core.accounts.models import User
from core.mail.models import OutgoingMail
from tests.billing.conftest import OWNER

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Run = Callable[[datetime], list[str]]


@pytest.fixture
def run_at(account: Account, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the dispatcher twice at a moment; the subjects that the first owner got then."""

    def run(now: datetime) -> list[str]:
        monkeypatch.setattr(timezone, "now", lambda: now)
        mail.outbox.clear()
        send_due_notices()
        assert send_due_notices() == 0
        assert {sent.to[0] for sent in mail.outbox} <= {OWNER, "second@acme.test"}
        assert len(mail.outbox) % 2 == 0
        return [sent.subject for sent in mail.outbox if sent.to == [OWNER]]

    return run


def keep(account: Account, **fields: Any) -> None:
    Account.objects.filter(pk=account.pk).update(**fields)


def test_the_trial(account: Account, run_at: Run) -> None:
    ends = account.trial_ends_at
    said = {days: run_at(ends - days * DAY) for days in range(14, -9, -1)}
    assert {days for days, subjects in said.items() if subjects} == {7, 3, 1, 0}
    assert all(len(subjects) == 1 for subjects in said.values() if subjects)
    assert "the trial ends in 7 days" in said[7][0]
    assert "the trial ends in 1 day" in said[1][0]
    assert "the trial has ended" in said[0][0]
    assert Notice.objects.count() == 4


def test_a_letter_says_the_day_where_the_chain_is_and_leads_to_the_page(account: Account, run_at: Run) -> None:
    # Shanghai is eight hours ahead.
    keep(account, trial_ends_at=datetime(2026, 5, 3, 20, tzinfo=UTC))
    run_at(datetime(2026, 5, 3, tzinfo=UTC))
    text = str(mail.outbox[0].body)
    assert "4 May 2026" in text
    assert "2026年5月4日" in text
    assert "http://acme.localhost/billing/" in text


def test_what_was_missed_is_not_made_up_for(account: Account, run_at: Run) -> None:
    assert len(run_at(account.trial_ends_at - 2 * DAY)) == 1
    assert len(run_at(account.trial_ends_at + 30 * DAY)) == 0


def test_a_longer_trial_is_told_of_anew(account: Account, run_at: Run) -> None:
    ends = account.trial_ends_at
    run_at(ends - 3 * DAY)
    keep(account, trial_ends_at=ends + 14 * DAY)
    assert run_at(ends) == []
    assert len(run_at(ends + 11 * DAY)) == 1


@pytest.mark.parametrize("fields", [{"status": "active", "plan": "chain"}, {"agreement": {}}, {"status": "trialing"}])
def test_who_pays_is_not_reminded(account: Account, run_at: Run, fields: dict[str, Any]) -> None:
    keep(account, **fields)
    assert run_at(account.trial_ends_at - DAY) == []


def test_a_payment_that_fails_and_never_comes(account: Account, run_at: Run) -> None:
    keep(account, status="past_due", plan="chain", past_due_since=NOW)
    said = {days: run_at(NOW + days * DAY) for days in range(30)}
    assert {days for days, subjects in said.items() if subjects} == {0, 7, 12, 14}
    assert "a payment failed" in said[0][0]
    assert "all goes on until 15 May 2026" in said[12][0]
    assert "can only be read" in said[14][0]


def test_a_payment_that_comes(account: Account, run_at: Run) -> None:
    keep(account, status="past_due", plan="chain", past_due_since=NOW)
    run_at(NOW)
    keep(account, status="active", past_due_since=None)
    assert [subject.split(" · ")[1] for subject in run_at(NOW + DAY)] == ["Acme Beauty: the payment came, thank you"]
    # Some months later once more.
    keep(account, status="past_due", past_due_since=NOW + 90 * DAY)
    assert len(run_at(NOW + 90 * DAY)) == 1
    keep(account, status="active", past_due_since=None)
    assert len(run_at(NOW + 91 * DAY)) == 1


def test_no_thanks_where_nothing_was_asked_for(account: Account, run_at: Run) -> None:
    keep(account, status="active", plan="chain")
    assert run_at(NOW) == []


def test_the_end_of_a_subscription(account: Account, run_at: Run) -> None:
    keep(account, status="canceled", plan="chain", subscription_id="sub_1", ended_at=NOW)
    assert "the subscription has ended" in run_at(NOW)[0]
    assert run_at(NOW + DAY) == []


def test_a_dispute(account: Account, run_at: Run) -> None:
    keep(account, status="active", plan="chain")
    Invoice.objects.create(
        id="in_1",
        account=account,
        number="A-7",
        status="paid",
        currency="CNY",
        total=1,
        is_disputed=True,
        created_at=NOW,
    )
    assert "your bank asks about a payment" in run_at(NOW)[0]
    assert run_at(NOW + DAY) == []


def test_nothing_goes_to_owners_who_left_or_to_other_chains(account: Account, other_account: Account) -> None:
    with tenant_context(account.chain):
        User.objects.filter(email=OWNER).update(is_active=False)
    keep(account, status="past_due", plan="chain", past_due_since=timezone.now())
    send_due_notices({account.pk})
    assert [sent.to for sent in mail.outbox] == [["second@acme.test"]]


def test_the_letter_is_a_row_of_the_chain(account: Account, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "core.mail.backend.OutboxBackend"
    keep(account, status="past_due", plan="chain", past_due_since=timezone.now())
    send_due_notices({account.pk})
    assert not OutgoingMail.objects.exists()
    with tenant_context(account.chain):
        assert OutgoingMail.objects.count() == 2


def test_bounded_queries(account: Account, other_account: Account, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(3):
        send_due_notices()
