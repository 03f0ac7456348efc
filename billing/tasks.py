"""Billing tasks, run outside any chain unless they say otherwise.

Each is idempotent and safe to run concurrently with itself.
"""

import logging
from typing import cast

import stripe
from celery import shared_task

from billing import gateway
from billing.reconcile import reconcile
from billing.services.customer_deletion import delete_pending_customers
from billing.services.notices import send_due_notices
from billing.services.quantity_sync import schemas_to_sync, try_sync_quantity
from billing.webhooks.processing import delete_old_events, process_due_events
from core.jobs.base import LongTask
from core.shared.chain import current_chain
from core.shared.tasks import CHAIN_HEADER, ChainTask
from tenants.models import Chain

logger = logging.getLogger(__name__)


@shared_task(acks_late=True)
def process_stripe_events() -> None:
    """Process webhook events; sent with every event and by the schedule."""
    send_due_notices(process_due_events())


@shared_task(acks_late=True)
def delete_customers() -> None:
    """Delete Stripe customers of erased chains; sent at the erasure, and by the schedule until it succeeds."""
    delete_pending_customers()


@shared_task(acks_late=True)
def send_notices() -> None:
    """Send the billing emails that are due; hourly."""
    send_due_notices()


@shared_task(base=LongTask)
def reconcile_with_stripe() -> None:
    """Reconcile with Stripe and delete old events; nightly."""
    delete_old_events()
    if not gateway.is_configured():
        return
    try:
        report = reconcile()
    except stripe.StripeError as error:
        logger.warning(
            "Billing could not be compared with Stripe: %s. The next night tries again.", type(error).__name__
        )
        return
    names = ("fixed", "failed", "unknown_at_stripe", "without_chain", "without_plan", "unpaid_stores")
    counts = {name: len(getattr(report, name)) for name in names}
    logger.info("Billing was compared with Stripe: %s", counts)


@shared_task(acks_late=True)
def sync_all_quantities() -> None:
    """Send one task to each chain that pays for several stores; nightly."""
    for schema in schemas_to_sync():
        sync_quantity.apply_async(headers={CHAIN_HEADER: schema})


@shared_task(base=ChainTask)
def sync_quantity() -> None:
    """Sync the quantity of one chain's subscription; runs inside the chain."""
    try_sync_quantity(cast("Chain", current_chain()))
