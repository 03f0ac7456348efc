"""Secrets of two-step sign-in, as django-allauth keeps them."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from core.accounts.adapter import PURPOSE
from core.shared.encryption import encrypted_anew

SECRETS = ("secret", "seed")


def renew_secrets() -> int:
    """Those of the schema entered, encrypted with the SECRET_KEY of now; how many there are."""
    with transaction.atomic():
        kept = list(Authenticator.objects.select_for_update())
        for one in kept:
            for name in one.data.keys() & SECRETS:
                one.data[name] = encrypted_anew(one.data[name], purpose=PURPOSE)
        Authenticator.objects.bulk_update(kept, ["data"], batch_size=500)
    return len(kept)
