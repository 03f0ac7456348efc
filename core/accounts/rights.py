"""What each role may do and how far it sees, asked by views and services and shown to the team."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.shared.declarations import declared


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    HQ = "hq", _("HQ analyst")
    REGIONAL_MANAGER = "regional_manager", _("Regional manager")
    STORE_MANAGER = "store_manager", _("Store manager")
    FRONT_DESK = "front_desk", _("Front desk")
    BEAUTICIAN = "beautician", _("Beautician")
    # Of the platform, in no chain.
    OPERATOR = "operator", _("Operator")


class Reach(models.TextChoices):
    """Of the stores, and of the clients who belong to them or have visited them."""

    CHAIN = "chain", _("all stores")
    REGIONS = "regions", _("the stores of the own regions")
    STORES = "stores", _("the own stores")
    NONE = "none", _("none")


REACH: Mapping[str, Reach] = {
    Role.OWNER: Reach.CHAIN,
    Role.HQ: Reach.CHAIN,
    Role.REGIONAL_MANAGER: Reach.REGIONS,
    Role.STORE_MANAGER: Reach.STORES,
    Role.FRONT_DESK: Reach.STORES,
    Role.BEAUTICIAN: Reach.STORES,
}
# Roles that a person of a chain may have.
CHAIN_ROLES = tuple(Role(role) for role in REACH)


@dataclass(frozen=True)
class Right:
    """Something to do that takes one of some `roles`; owners may do everything. Apps declare theirs as `RIGHTS`.

    `place` is where it stands among all rights, as the team reads them.
    """

    code: str
    label: Promise = field(compare=False)
    roles: frozenset[Role] = field(compare=False)
    place: int = field(compare=False)

    def belongs_to(self, role: str) -> bool:
        return role == Role.OWNER or role in self.roles


def right(code: str, label: Promise, *roles: Role, place: int) -> Right:
    return Right(code, label, frozenset(roles), place)


def rights() -> list[Right]:
    return sorted(declared("RIGHTS", Right), key=lambda one: one.place)


def reach_of(role: str) -> Reach:
    """Nothing for a role that is none of a chain's."""
    return REACH.get(role, Reach.NONE)
