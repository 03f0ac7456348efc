"""From the webhook of a payment to a chain that can be changed again, through a real broker and a real worker."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from billing.models import Account, StripeEvent
from billing.plans import SOLO
from billing.services.access import open_account, save_access
from billing.stripe_catalogue import sync_plans
from config.celery import app
from core.accounts.models import User
from deploy.development.servers import locations, processes, valkey
from deploy.development.servers.folders import make_folders
from tenants.models import Chain
from tests.billing.customers import TestCustomer
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.salons import text_of
from tests.plugins.stripe import StripeServer

OVER = "is over."
# Of the requirement, in seconds.
AT_MOST = 60


@pytest.fixture
def worker(stripe_server: StripeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """As it is run, but for the settings; gives what it says."""
    make_folders(tmp_path)
    broker, log = valkey.start(tmp_path), tmp_path / "worker"
    monkeypatch.setenv("CELERY_BROKER_URL", locations.broker_url(tmp_path))
    # Connections to another broker that an earlier test of this process has left.
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    named = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "STRIPE_SECRET_KEY": "sk_test_standin",
        "STRIPE_API_BASE": stripe_server.url,
    }
    words = ["worker", "--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    with log.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "config.celery", *words],
            env={**os.environ, **named},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    app.conf.task_always_eager = False
    try:
        yield log
    finally:
        app.conf.task_always_eager = True
        process.terminate()
        process.wait(timeout=60)
        processes.stop(broker, valkey.STOP_STEPS)


@pytest.fixture
def owner(make_committed_chain: Callable[..., Chain]) -> Iterator[User]:
    """Of a chain whose trial is over."""
    chain = make_committed_chain()
    sync_plans()
    account = open_account(chain=chain)
    Account.objects.filter(pk=account.pk).update(trial_ends_at=timezone.now() - timedelta(days=1))
    account.refresh_from_db()
    save_access(account)
    with tenant_context(chain):
        user = make_user("owner@throwaway.test", role=User.Role.OWNER)
        User.objects.update(language="en")
        yield user


@pytest.mark.slow
def test_a_payment_brings_everything_back_within_a_minute(
    stripe_server: StripeServer, owner: User, worker: Path
) -> None:
    with outside_chains():
        account = Account.objects.select_related("chain").get()
        assert account.chain.is_read_only
        TestCustomer(account).subscribe(SOLO, 1)
    client = signed_in(owner, host=f"{account.chain.schema_name}.localhost")
    assert OVER in text_of(client.get("/stores/"))
    ((body, signed),) = [hook for hook in stripe_server.webhooks() if b'"invoice.paid"' in hook[0]]
    began = time.monotonic()
    answer = ChainClient(headers={"host": "localhost"}).post(
        "/billing/webhook/", body, content_type="application/json", headers={"stripe-signature": signed}
    )
    assert answer.status_code == 204
    while OVER in text_of(client.get("/stores/")):
        assert time.monotonic() < began + AT_MOST, worker.read_text()
        time.sleep(0.2)
    with outside_chains():
        assert not Chain.objects.get(pk=account.chain.pk).is_read_only
        assert StripeEvent.objects.get().handled_at is not None
