"""Roles and scopes of those who are in the team, and letting them go."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.accounts.gates import lacks_right
from core.accounts.models import User
from core.accounts.rights import CHAIN_ROLES, Reach, Role, reach_of
from core.accounts.second_factors import remove_authenticators
from core.audit.trail import record
from core.shared.chain import require_writable
from core.shared.errors import AppError
from core.stores.models import RegionAccess, Store, StoreAccess
from core.stores.selectors import regions
from core.team.declaration import MANAGE_TEAM, Action


@dataclass(frozen=True)
class Scope:
    """Stores by code and regions by name; what the role does not reach by is left aside."""

    stores: Collection[str] = ()
    regions: Collection[str] = ()


def change_member(*, acting_user: User, user_id: int, role: str, scope: Scope) -> User:
    """Raises AppError: no right, no such person, a role or scope that there is not, the last owner."""
    with transaction.atomic():
        user = _locked(acting_user, user_id)
        role = checked_role(role)
        if user.role == Role.OWNER and role != Role.OWNER:
            _require_another_owner(user)
        before = placement_of(user)
        user.role = role
        user.save(update_fields=["role"])
        set_scope(user, scope)
        record(
            action=Action.USER_ROLE_CHANGED,
            acting_user=acting_user,
            subject=user,
            before=before,
            after=placement_of(user),
        )
    return user


def deactivate_member(*, acting_user: User, user_id: int) -> User:
    """The person is signed out at the next request; what the person has done stays on record.

    Raises AppError: no right, no such person, oneself, the last owner.
    """
    with transaction.atomic():
        user = _locked(acting_user, user_id)
        if user.pk == acting_user.pk:
            raise AppError("yourself", _("You cannot deactivate yourself; ask another owner."), status=409)
        if user.role == Role.OWNER:
            _require_another_owner(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        record(action=Action.USER_DEACTIVATED, acting_user=acting_user, subject=user)
    return user


def reactivate_member(*, acting_user: User, user_id: int) -> User:
    with transaction.atomic():
        user = _locked(acting_user, user_id)
        user.is_active = True
        user.save(update_fields=["is_active"])
        record(action=Action.USER_REACTIVATED, acting_user=acting_user, subject=user)
    return user


def remove_second_factor(*, acting_user: User, user_id: int) -> User:
    """For someone who has lost it and the recovery codes. Raises AppError: no right, no such person, oneself, none."""
    with transaction.atomic():
        user = _locked(acting_user, user_id)
        if user.pk == acting_user.pk:
            message = _("Your own two-step sign-in is under “Your account”.")
            raise AppError("yourself", message, status=409)
        if not remove_authenticators(user, by=acting_user):
            raise AppError("no_second_factor", _("%s signs in with a password alone.") % user, status=409)
    return user


def placement_of(user: User) -> dict[str, object]:
    """The role, with the codes of its stores and the names of its regions."""
    return {
        "role": str(user.role),
        "stores": sorted(StoreAccess.objects.filter(user=user).values_list("store__code", flat=True)),
        "regions": sorted(RegionAccess.objects.filter(user=user).values_list("region", flat=True)),
    }


def checked_role(role: str) -> Role:
    if role not in CHAIN_ROLES:
        raise AppError("unknown_role", _("Choose a role from the list."), field="role")
    return Role(role)


def set_scope(user: User, scope: Scope) -> None:
    """By the reach of the role. Raises AppError: unknown stores or regions, none at all where the role needs some."""
    reach = reach_of(user.role)
    StoreAccess.objects.filter(user=user).delete()
    RegionAccess.objects.filter(user=user).delete()
    if reach == Reach.STORES:
        stores = list(Store.objects.filter(code__in=scope.stores))
        if not stores or len(stores) != len(set(scope.stores)):
            raise AppError("unknown_store", _("Choose the stores the person works in."), field="stores")
        StoreAccess.objects.bulk_create(StoreAccess(user=user, store=store) for store in stores)
    elif reach == Reach.REGIONS:
        wanted = set(scope.regions)
        if not wanted or not wanted <= set(regions()):
            raise AppError("unknown_region", _("Choose the regions the person looks after."), field="regions")
        RegionAccess.objects.bulk_create(RegionAccess(user=user, region=region) for region in sorted(wanted))


def _locked(acting_user: User, user_id: int) -> User:
    """All owners are locked with the person, in order, so that two changes at once cannot leave the chain without."""
    require_writable()
    members = User.objects.filter(Q(role=Role.OWNER) | Q(pk__in=[user_id, acting_user.pk]))
    locked = {user.pk: user for user in members.order_by("pk").select_for_update()}
    user, acting = locked.get(user_id), locked.get(acting_user.pk)
    if acting is None or not acting.may(MANAGE_TEAM):
        raise lacks_right(MANAGE_TEAM)
    if user is None or user.role not in CHAIN_ROLES or user.is_invited:
        raise AppError("no_member", _("There is no such person in the team."), status=404)
    return user


def _require_another_owner(user: User) -> None:
    if not User.objects.filter(role=Role.OWNER, is_active=True).exclude(pk=user.pk).exists():
        message = _("The chain needs an owner: make someone else one first.")
        raise AppError("last_owner", message, field="role", status=409)
