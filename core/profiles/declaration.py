"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.accounts.sections import Section
from core.audit.actions import AuditAction

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
EDIT_CLIENTS = right("edit_clients", _("Correct records of clients, delete those without visits"), Role.HQ, place=6)
RIGHTS = (SEE_CLIENTS, EDIT_CLIENTS)
SECTIONS = (Section("clients", _("Clients"), "clients:list", SEE_CLIENTS, place=4),)


class Action(AuditAction):
    CLIENT_DELETED = "client.deleted", _("Client's record deleted")
