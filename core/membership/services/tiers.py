from datetime import date

from django.db import transaction

from core.clients.models import Client
from core.membership.models import ClientTier, MemberTier
from core.membership.signals import tiers_changed


def grant_tier(*, client: Client, tier: MemberTier, valid_from: date) -> ClientTier:
    """The client holds the tier from that day on, until the next one granted."""
    with transaction.atomic():
        granted, _made = ClientTier.objects.update_or_create(
            client=client, valid_from=valid_from, defaults={"tier": tier}
        )
        tiers_changed.send(ClientTier, clients=[client.pk])
    return granted
