"""The chain's own groups of stores: which there are, and which stores are in them from when to when."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.shared.errors import AppError, violated_constraint
from core.stores.declaration import MANAGE_STORES, Action
from core.stores.models import BEGINNING, Store, StoreGroup, StoreGroupMember

# As PostgreSQL names it.
_ONE_GROUP_A_NAME = "stores_storegroup_name_key"
# Stores that a refusal names.
_NAMED = 5


def create_group(*, name: str, acting_user: User | None = None) -> StoreGroup:
    """Raises AppError: no right, a name that another group has."""
    require_right(acting_user, MANAGE_STORES)
    try:
        with transaction.atomic():
            group = StoreGroup.objects.create(name=name.strip())
            record(action=Action.GROUP_CREATED, acting_user=acting_user, subject=group)
    except IntegrityError as error:
        if violated_constraint(error) != _ONE_GROUP_A_NAME:
            raise
        raise _name_taken(name) from error
    return group


def rename_group(*, group_id: int, name: str, acting_user: User | None = None) -> StoreGroup:
    """Raises AppError: no right, no such group, a name that another group has."""
    require_right(acting_user, MANAGE_STORES)
    try:
        with transaction.atomic():
            group = _locked_group(group_id)
            before, group.name = {"name": group.name}, name.strip()
            group.save(update_fields=["name"])
            after = {"name": group.name}
            record(action=Action.GROUP_RENAMED, acting_user=acting_user, subject=group, before=before, after=after)
    except IntegrityError as error:
        if violated_constraint(error) != _ONE_GROUP_A_NAME:
            raise
        raise _name_taken(name) from error
    return group


def delete_group(*, group_id: int, acting_user: User | None = None) -> None:
    """The stores stay as they are. Raises AppError: no right, no such group."""
    require_right(acting_user, MANAGE_STORES)
    with transaction.atomic():
        group = _locked_group(group_id)
        codes = sorted(set(group.members.values_list("store__code", flat=True)))
        record(action=Action.GROUP_DELETED, acting_user=acting_user, subject=group, before={"stores": codes})
        group.delete()


def add_stores(
    *,
    group_id: int,
    codes: Collection[str],
    joined_on: date | None = None,
    left_on: date | None = None,
    acting_user: User | None = None,
) -> list[Store]:
    """The stores are in the group from that day on (without one: from the beginning), until the day they leave it. All
    or none.

    Raises AppError: no right, no such group or store, a day to leave that is not after the first, stores that are in
    the group on one of these days already.
    """
    require_right(acting_user, MANAGE_STORES)
    since = joined_on or BEGINNING
    _require_order(since, left_on)
    with transaction.atomic():
        group = _locked_group(group_id)
        stores = _stores(codes)
        former = group.members.filter(store__in=stores).select_related("store")
        _require_free(one.store for one in former if one.overlaps(since, left_on))
        StoreGroupMember.objects.bulk_create(
            StoreGroupMember(group=group, store=store, valid_from=since, valid_until=left_on) for store in stores
        )
        after = {"stores": [store.code for store in stores], "joined_on": joined_on, "left_on": left_on}
        record(action=Action.GROUP_JOINED, acting_user=acting_user, subject=group, after=after)
    return stores


def take_out(
    *, group_id: int, member_ids: Collection[int], left_on: date | None = None, acting_user: User | None = None
) -> list[Store]:
    """These memberships end on that day; without one they go, as if they had never been. All or none.

    Raises AppError: no right, no such group or membership, a day that is not after the first of each, or on which the
    store is in the group again.
    """
    require_right(acting_user, MANAGE_STORES)
    with transaction.atomic():
        group = _locked_group(group_id)
        members = list(group.members.filter(pk__in=member_ids).select_related("store").order_by("store__code", "pk"))
        if not members or len(members) < len(set(member_ids)):
            raise AppError("unknown_member", _("Choose at least one store of this group."), field="members")
        codes = [member.store.code for member in members]
        if left_on is None:
            group.members.filter(pk__in=member_ids).delete()
            record(action=Action.GROUP_CORRECTED, acting_user=acting_user, subject=group, before={"stores": codes})
        else:
            _end(group, members, left_on)
            after = {"stores": codes, "left_on": left_on}
            record(action=Action.GROUP_LEFT, acting_user=acting_user, subject=group, after=after)
    return [member.store for member in members]


def _end(group: StoreGroup, members: Collection[StoreGroupMember], left_on: date) -> None:
    _require_order(max(member.valid_from for member in members), left_on)
    others = group.members.filter(store__in=[member.store_id for member in members])
    _require_free(
        member.store
        for member in members
        for other in others
        if other.store_id == member.store_id and other.pk != member.pk and other.overlaps(member.valid_from, left_on)
    )
    group.members.filter(pk__in=[member.pk for member in members]).update(valid_until=left_on)


def _locked_group(group_id: int) -> StoreGroup:
    """Whoever changes what stores are in it waits for it."""
    group = StoreGroup.objects.select_for_update().filter(pk=group_id).first()
    if group is None:
        raise AppError("unknown_group", _("There is no such store group."), status=404)
    return group


def _stores(codes: Collection[str]) -> list[Store]:
    stores = list(Store.objects.filter(code__in=codes).order_by("code"))
    if not codes:
        raise AppError("no_stores", _("Choose at least one store."), field="stores")
    if missing := set(codes) - {store.code for store in stores}:
        text = _("There is no store “%s”.") % min(missing)
        raise AppError("unknown_store", text, field="stores")
    return stores


def _require_order(joined_on: date, left_on: date | None) -> None:
    if left_on is not None and left_on <= joined_on:
        text = _("Choose a day after the one they joined on.")
        raise AppError("left_before_joined", text, field="left_on")


def _require_free(taken: Iterable[Store]) -> None:
    stores = sorted({store.code: str(store) for store in taken}.items())
    if not stores:
        return
    names = ", ".join(name for _code, name in stores[:_NAMED])
    text = _("In the group on some of these days already: %(names)s.")
    if len(stores) > _NAMED:
        text = _("In the group on some of these days already: %(names)s and %(more)s more.")
    message = text % {"names": names, "more": len(stores) - _NAMED}
    raise AppError("already_in_group", message, field="stores", status=409)


def _name_taken(name: str) -> AppError:
    text = _("There is a store group “%s” already.") % name.strip()
    return AppError("group_taken", text, field="name", status=409)
