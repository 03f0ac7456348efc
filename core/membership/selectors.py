from core.clients.models import Client
from core.membership.models import ClientTier, MemberTier


def current_tier(client: Client) -> MemberTier | None:
    held = ClientTier.objects.filter(client=client).order_by("-valid_from").select_related("tier").first()
    return held.tier if held else None
