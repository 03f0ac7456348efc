"""Who is in the team."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from core.accounts.models import User
from core.accounts.rights import CHAIN_ROLES, Reach, Right, Role, reach_of, rights


@dataclass(frozen=True)
class RoleColumn:
    role: Role
    reach: Reach
    rights: frozenset[Right]


def team() -> QuerySet[User]:
    """With `second_factor`: those who are there, then those who were invited, then those who are gone."""
    protected = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return (
        User.objects.filter(role__in=CHAIN_ROLES)
        .annotate(second_factor=Exists(protected))
        .prefetch_related("store_access__store", "region_access")
        .order_by("-is_active", "invited_at", "name", "email")
    )


def roles() -> list[RoleColumn]:
    return [
        RoleColumn(role, reach_of(role), frozenset(one for one in rights() if one.belongs_to(role)))
        for role in CHAIN_ROLES
    ]
