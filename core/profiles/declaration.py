"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.accounts.sections import Section

SEE_CLIENTS = right(
    "see_clients",
    _("See clients and their visits"),
    Role.HQ,
    Role.REGIONAL_MANAGER,
    Role.STORE_MANAGER,
    Role.FRONT_DESK,
    Role.BEAUTICIAN,
    place=3,
)
RIGHTS = (SEE_CLIENTS,)
SECTIONS = (Section("clients", _("Clients"), "clients:list", SEE_CLIENTS, place=4),)
