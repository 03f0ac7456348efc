"""Workers that work off the same events at the same moment, and are killed anywhere: nothing is lost or done twice."""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connections
from django_tenants.utils import tenant_context
from pytest_django import Settings

from billing.models import Account, Notice, RevenueChange, StripeEvent
from billing.plans import CHAIN, SOLO
from billing.services.access import open_account
from billing.services.notices import send_due_notices
from billing.stripe_catalogue import sync_plans
from billing.webhooks.events import store_events
from billing.webhooks.processing import process_due_events
from core.accounts.models import User
from tenants.models import Chain
from tests.billing.customers import FAILS_LATER, TestCustomer
from tests.billing.webhooks.test_processing import told
from tests.plugins.chains import make_user, public
from tests.plugins.stripe import StripeServer

HERE = Path(__file__).parent
# About as long as a worker takes for what it finds.
CUSTOMERS, LONGEST = 4, 0.7


@pytest.fixture
def customers(
    make_committed_chain: Callable[..., Chain],
    stripe_server: StripeServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[list[TestCustomer]]:
    """What is made commits. The first paid in two tabs, the last one's renewal fails."""
    monkeypatch.setattr("billing.tasks.process_stripe_events.apply_async", lambda *_args, **_options: None)
    sync_plans()
    chains = [make_committed_chain() for _number in range(CUSTOMERS)]
    with tenant_context(chains[-1]):
        make_user("owner@throwaway.test", role=User.Role.OWNER)
    with tenant_context(public()):
        made = [TestCustomer(open_account(chain=chain)) for chain in chains]
        _live(made)
        yield made


def _live(customers: list[TestCustomer]) -> None:
    for customer in customers:
        found = customer.subscribe(CHAIN, 2)
        item = found["items"].data[0].id
        for stores in (5, 3):
            customer.api.subscriptions.update(found.id, {"items": [{"id": item, "quantity": stores}]})
    customers[0].advance(days=0.01)
    customers[0].subscribe(SOLO, 1)
    customers[-1].use_card(FAILS_LATER)
    customers[-1].advance(days=32)


def all_is_as_stripe_has_it(customers: list[TestCustomer]) -> None:
    assert not StripeEvent.objects.filter(handled_at=None).exists()
    for customer in customers:
        before = Account.objects.values().get(pk=customer.account.pk)
        rows = list(
            RevenueChange.objects.filter(account=customer.account).order_by("pk").values_list("before", "after")
        )
        assert rows[0][0] == 0
        assert rows[-1][1] == before["monthly_amount"] == 597_00
        assert all(one[1] == other[0] for one, other in pairwise(rows))
        assert all(one != other for one, other in rows)
        customer.read()
        after = Account.objects.values().get(pk=customer.account.pk)
        assert {**after, "read_at": None} == {**before, "read_at": None}
    refunds = customers[0].api.refunds.list().data
    assert [refund.amount for refund in refunds] == [99_00]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8])
def test_killed_at_random_moments(
    customers: list[TestCustomer], stripe_server: StripeServer, tmp_path: Path, seed: int
) -> None:
    events, chance, kills = told(stripe_server) * 2, random.Random(seed), 0
    chance.shuffle(events)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "STRIPE_SECRET_KEY": "sk_test_standin",
        "STRIPE_API_BASE": stripe_server.url,
    }
    command, said = [sys.executable, str(HERE / "kill_workers.py")], tmp_path / "said"
    with (
        said.open("w") as errors,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as worker,
    ):
        assert worker.stdin is not None
        assert worker.stdout is not None
        longest = LONGEST
        while events or StripeEvent.objects.filter(handled_at=None).exists():
            some, events = events[:12], events[12:]
            store_events(some)
            waiting = StripeEvent.objects.filter(handled_at=None).count()
            worker.stdin.write(f"{chance.uniform(0, longest)}\n")
            worker.stdin.flush()
            ended = worker.stdout.readline().strip()
            # Not by a failure of its own.
            assert ended in {"killed", "done"}, said.read_text()
            left = StripeEvent.objects.filter(handled_at=None).count()
            kills += ended == "killed" and 0 < left < waiting
            # By how fast the machine is just now.
            longest *= 1.5 if left == waiting else 0.7 if ended == "done" else 1
        worker.stdin.close()
    # Of those that had done a part of what they found, and not the rest.
    assert kills
    connections.close_all()
    process_due_events()
    # A worker killed between an event and its letters leaves those to the hourly round.
    send_due_notices()
    all_is_as_stripe_has_it(customers)
    assert list(Notice.objects.values_list("account", flat=True)) == [customers[-1].account.pk]


def test_several_workers_at_once(customers: list[TestCustomer], stripe_server: StripeServer) -> None:
    events = told(stripe_server) * 2
    random.Random(7).shuffle(events)

    def work(number: int) -> None:
        try:
            for start in range(number * 10, len(events), 40):
                store_events(events[start : start + 10])
                process_due_events()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    process_due_events()
    all_is_as_stripe_has_it(customers)
