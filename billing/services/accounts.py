"""Opens a billing account, with its trial, when a chain signs up."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from billing.models import Account
from billing.plans import TRIAL_DAYS
from billing.services.access import save_access
from tenants.models import Chain


def open_account(*, chain: Chain) -> Account:
    """Return the chain's account, created with a trial if there is none. Call outside any chain."""
    with transaction.atomic():
        ends = timezone.now() + timedelta(days=TRIAL_DAYS)
        account, _created = Account.objects.get_or_create(chain=chain, defaults={"trial_ends_at": ends})
        save_access(account)
    return account
