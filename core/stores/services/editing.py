"""Correcting what is known of a store, and deleting one that was made by mistake."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import changed_fields, record
from core.shared.errors import AppError, violated_constraint
from core.shared.merged import delete_unnamed, free_code, is_named, keep_code
from core.stores.declaration import MANAGE_STORES, Action
from core.stores.models import BEGINNING, Store
from core.stores.services.stores import ONE_STORE_A_CODE, code_taken, locked_store, relocate_store

FIELDS = ("code", "name", "opened_on")
PLACE = ("city", "city_tier", "region")


def change_store(
    *, code: str, values: Mapping[str, Any], place: Mapping[str, str], since: date | None = None, acting_user: User
) -> Store:
    """`values` are of FIELDS, `place` is where it stands: since that day, or where none is given, since the last move,
    which was entered wrongly then. Visits and figures follow a store whose code changes, and files that name it by the
    former code mean it still.

    Raises AppError: no right, no such store, one that an import is using, a code that another store has.
    """
    require_right(acting_user, MANAGE_STORES)
    try:
        with transaction.atomic():
            store = locked_store(code)
            before, former = {**changed_fields(store, *FIELDS), **_place(store)}, store.code
            free_code(store, code=values["code"])
            for name in FIELDS:
                setattr(store, name, values[name])
            store.save(update_fields=FIELDS)
            if store.code != former:
                keep_code(store, code=former, name=former)
            _move(store, place, since)
            after = {**changed_fields(store, *FIELDS), **_place(store)}
            record(action=Action.STORE_CHANGED, acting_user=acting_user, subject=store, before=before, after=after)
    except IntegrityError as error:
        if violated_constraint(error) != ONE_STORE_A_CODE:
            raise
        raise code_taken(values["code"]) from error
    return store


def delete_store(*, code: str, acting_user: User) -> None:
    """Raises AppError: no right, no such store, one that an import is using, one that has records."""
    require_right(acting_user, MANAGE_STORES)
    with transaction.atomic():
        store = locked_store(code)
        if is_named(store):
            raise AppError("store_has_records", _("This store has records: close it instead."), status=409)
        record(
            action=Action.STORE_DELETED,
            acting_user=acting_user,
            subject=store,
            before={**changed_fields(store, *FIELDS), **_place(store)},
        )
        delete_unnamed(store)


def _place(store: Store) -> dict[str, str]:
    location = store.last_location
    return {name: getattr(location, name, "") for name in PLACE}


def _move(store: Store, place: Mapping[str, str], since: date | None) -> None:
    if place == _place(store):
        return
    location = store.last_location
    relocate_store(store=store, valid_from=since or (location.valid_from if location else BEGINNING), **place)
