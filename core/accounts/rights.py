"""What each role may do and how far it sees: one matrix, asked by views and services and shown to the team."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    HQ = "hq", _("HQ analyst")
    REGIONAL_MANAGER = "regional_manager", _("Regional manager")
    STORE_MANAGER = "store_manager", _("Store manager")
    FRONT_DESK = "front_desk", _("Front desk")
    BEAUTICIAN = "beautician", _("Beautician")
    # Of the platform, in no chain.
    OPERATOR = "operator", _("Operator")


class Right(models.TextChoices):
    COMPARE_STORES = "compare_stores", _("Compare all stores, regions and city tiers")
    SEE_STORE_FIGURES = "see_store_figures", _("See a store's figures")
    SEE_CLIENTS = "see_clients", _("See clients and their visits")
    RECORD_VISITS = "record_visits", _("Record visits")
    IMPORT = "import", _("Import files")
    MANAGE_STORES = "manage_stores", _("Open and close stores, say what cities count to")
    MANAGE_TEAM = "manage_team", _("Invite people, set their roles and stores")
    SEE_AUDIT = "see_audit", _("Read the audit trail")
    MANAGE_CHAIN = "manage_chain", _("Change the chain's address and settings, export and delete it")
    MANAGE_BILLING = "manage_billing", _("Choose the plan, pay, see invoices")


class Reach(models.TextChoices):
    """Of the stores, and of the clients who belong to them or have visited them."""

    CHAIN = "chain", _("all stores")
    REGIONS = "regions", _("the stores of the own regions")
    STORES = "stores", _("the own stores")
    NONE = "none", _("none")


@dataclass(frozen=True)
class Grant:
    reach: Reach
    rights: frozenset[Right]


def _grant(reach: Reach, *rights: Right) -> Grant:
    return Grant(reach, frozenset(rights))


MATRIX: Mapping[str, Grant] = {
    Role.OWNER: Grant(Reach.CHAIN, frozenset(Right)),
    Role.HQ: _grant(
        Reach.CHAIN,
        Right.COMPARE_STORES,
        Right.SEE_STORE_FIGURES,
        Right.SEE_CLIENTS,
        Right.RECORD_VISITS,
        Right.IMPORT,
        Right.MANAGE_STORES,
    ),
    Role.REGIONAL_MANAGER: _grant(Reach.REGIONS, Right.SEE_STORE_FIGURES, Right.SEE_CLIENTS, Right.RECORD_VISITS),
    Role.STORE_MANAGER: _grant(Reach.STORES, Right.SEE_STORE_FIGURES, Right.SEE_CLIENTS, Right.RECORD_VISITS),
    Role.FRONT_DESK: _grant(Reach.STORES, Right.SEE_CLIENTS, Right.RECORD_VISITS),
    Role.BEAUTICIAN: _grant(Reach.STORES, Right.SEE_CLIENTS),
}
NOTHING = Grant(Reach.NONE, frozenset())
# Roles that a person of a chain may have.
CHAIN_ROLES = tuple(Role(role) for role in MATRIX)


def grant_of(role: str) -> Grant:
    """Nothing for a role that is none of a chain's."""
    return MATRIX.get(role, NOTHING)
