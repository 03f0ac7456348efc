from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import changed_fields, record
from core.shared.entitlements import require_room
from core.shared.errors import AppError, violated_constraint
from core.shared.record_locks import lock_record
from core.stores.declaration import MANAGE_STORES, Action
from core.stores.models import BEGINNING, Store, StoreLocation
from core.stores.signals import store_relocated

# As PostgreSQL names it.
ONE_STORE_A_CODE = "stores_store_code_key"


def open_store(
    *,
    code: str,
    name: str,
    city: str,
    city_tier: str,
    region: str,
    opened_on: date | None = None,
    acting_user: User | None = None,
) -> Store:
    """A new store with its place, which holds from the beginning.

    Raises AppError: no right, a code that another store has, more stores than the plan allows.
    """
    require_right(acting_user, MANAGE_STORES)
    try:
        with transaction.atomic():
            store = Store.objects.create(code=code, name=name, opened_on=opened_on)
            place = {"city": city, "city_tier": city_tier, "region": region}
            StoreLocation.objects.create(store=store, valid_from=BEGINNING, **place)
            after = {"name": name, "city": city, "region": region}
            record(action=Action.STORE_OPENED, acting_user=acting_user, subject=store, after=after)
            require_room("stores", Store.objects.open().count)
    except IntegrityError as error:
        if violated_constraint(error) != ONE_STORE_A_CODE:
            raise
        raise code_taken(code) from error
    return store


def close_store(*, code: str, closed_on: date, acting_user: User) -> Store:
    """From that day on the store is closed and takes no visits; its records stay, those of later days too.

    Raises AppError: no right, no such store, a store that an import is using, a day before it opened.
    """
    require_right(acting_user, MANAGE_STORES)
    with transaction.atomic():
        store = locked_store(code)
        if store.opened_on is not None and closed_on < store.opened_on:
            raise AppError("closed_before_opened", _("The store opened only later."), field="closed_on")
        _set_closed_on(store, closed_on, Action.STORE_CLOSED, acting_user)
    return store


def reopen_store(*, code: str, acting_user: User) -> Store:
    """Raises AppError: no right, no such store, one that an import is using, more stores than the plan allows."""
    require_right(acting_user, MANAGE_STORES)
    with transaction.atomic():
        store = locked_store(code)
        _set_closed_on(store, None, Action.STORE_REOPENED, acting_user)
        require_room("stores", Store.objects.open().count)
    return store


def relocate_store(*, store: Store, valid_from: date, city: str, city_tier: str, region: str) -> StoreLocation:
    """The store stands there (or its city counts so) from that day on; earlier days keep the earlier place."""
    with transaction.atomic():
        location, _made = StoreLocation.objects.update_or_create(
            store=store, valid_from=valid_from, defaults={"city": city, "city_tier": city_tier, "region": region}
        )
        store_relocated.send(Store, store_id=store.pk)
    return location


def locked_store(code: str) -> Store:
    """Once all who are recording visits of the store are done."""
    message = _("An import is using this store. Try again when it has finished.")
    store = lock_record(Store.objects.filter(code=code), AppError("store_in_use", message, status=409))
    if store is None:
        raise AppError("unknown_store", _("There is no such store."), status=404)
    return store


def code_taken(code: str) -> AppError:
    return AppError("code_taken", _("There is a store “%s” already.") % code, field="code", status=409)


def _set_closed_on(store: Store, day: date | None, action: Action, acting_user: User) -> None:
    before = changed_fields(store, "closed_on")
    store.closed_on = day
    store.save(update_fields=["closed_on"])
    record(
        action=action, acting_user=acting_user, subject=store, before=before, after=changed_fields(store, "closed_on")
    )
