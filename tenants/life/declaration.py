"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.accounts.rights import right
from core.accounts.sections import Section
from core.audit.actions import AuditAction, SubjectKind

MANAGE_CHAIN = right("manage_chain", _("Change the chain's address and settings, export and delete it"), place=15)
RIGHTS = (MANAGE_CHAIN,)
SECTIONS = (Section("chain", _("Settings"), "chain:settings", MANAGE_CHAIN, place=12),)


class Action(AuditAction):
    CHAIN_EXPORT_ASKED = "chain.export_asked", _("Export of the chain asked for")
    CHAIN_RESTORED = "chain.restored", _("Chain restored from an archive")
    CHAIN_ADDRESS_CHANGED = "chain.address_changed", _("Address of the chain changed")
    CHAIN_SUSPENDED = "chain.suspended", _("Chain suspended")
    CHAIN_RESUMED = "chain.resumed", _("Chain resumed")
    CHAIN_ERASURE_ASKED = "chain.erasure_asked", _("Erasure of the chain asked for")
    CHAIN_ERASURE_WITHDRAWN = "chain.erasure_withdrawn", _("Erasure of the chain taken back")


class Kind(SubjectKind):
    CHAIN = "chain", pgettext_lazy("whom it was done to", "Chain")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "country": _("Country"),
    "address": _("Address"),
    "until": _("Until"),
    "bytes": _("Size"),
}
CLOSED_TO_OPERATORS = (
    "chain:address",
    "chain:main-address",
    "chain:address-removal",
    "chain:domain",
    "chain:domain-verification",
    "chain:domain-withdrawal",
    "chain:export",
    "chain:export-file",
    "chain:erasure",
    "chain:erasure-withdrawal",
)
EXPENSIVE_REQUESTS = {"POST chain:domain-verification": "services"}
ALLOWED_WHILE_READ_ONLY = ("chain:export", "chain:erasure", "chain:erasure-withdrawal")
