"""Stripe events in the operators' list of jobs: failed ones and overdue ones."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy

from billing.models import Account, StripeEvent
from billing.webhooks.reprocessing import reprocess_events
from tenants.console.models import OpenWork
from tenants.console.open_work.sources import Source, Status, register

# An event that has been due for less than this is simply next in line.
LATE_AFTER = timedelta(minutes=1)


def find_events() -> Iterator[OpenWork]:
    waiting = StripeEvent.objects.filter(handled_at=None).defer("payload")
    chains = dict(
        Account.objects.filter(customer_id__in=waiting.values("customer_id")).values_list("customer_id", "chain_id")
    )
    for event in waiting.iterator():
        job = OpenWork(
            reference=event.pk,
            status=Status.FAILED if event.problem else Status.WAITING,
            since=event.received_at,
            problem=event.problem,
            chain_id=chains.get(event.customer_id),
        )
        if event.problem or event.next_attempt_at < timezone.now() - LATE_AFTER:
            yield job


def retry_event(reference: str, _operator: str) -> None:
    reprocess_events(event_ids=StripeEvent.objects.filter(pk=reference, handled_at=None).values_list("pk", flat=True))


register(Source(name="stripe-event", title=gettext_lazy("Stripe event"), find=find_events, retry=retry_event))
