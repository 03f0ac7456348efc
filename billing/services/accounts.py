"""A chain's account: opened with its trial when it signs up."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from billing.models import Account
from billing.plans import TRIAL_DAYS
from billing.services.access import give_access
from tenants.models import Chain


def open_account(*, chain: Chain) -> Account:
    """With a trial from now on. Called outside any chain."""
    with transaction.atomic():
        ends = timezone.now() + timedelta(days=TRIAL_DAYS)
        account, _made = Account.objects.get_or_create(chain=chain, defaults={"trial_ends_at": ends})
        give_access(account)
    return account
