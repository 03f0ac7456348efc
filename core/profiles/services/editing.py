"""Correcting what is known of a client, and deleting one who was made by mistake."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.clients.models import Client
from core.clients.services.loading import fill_keys
from core.clients.signals import joined_changed
from core.membership import trail
from core.profiles.declaration import EDIT_CLIENTS, Action
from core.shared.errors import AppError, violated_constraint
from core.shared.merged import delete_unnamed, free_code, is_named, keep_code
from core.shared.record_locks import lock_record
from core.visits.services.loading import rekey_visits, renumber_visits

FIELDS = (
    "ref", "name", "phone", "backup_phone", "wechat", "email", "gender", "birth_date", "occupation", "education",
    "joined_on", "store",
)  # fmt: skip


def change_client(*, client_id: int, values: Mapping[str, Any], acting_user: User | None) -> Client:
    """`values` are of FIELDS. Files that name the client by the former number mean the client still.

    Raises AppError: no right, no such client, one whom an import is using, a number that another has or had.
    """
    require_right(acting_user, EDIT_CLIENTS)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if fill_keys(cursor):
                rekey_visits(cursor)
            client = _locked(client_id)
            trail.remember(f"SELECT * FROM clients_client WHERE id = {client.pk:d}")  # noqa: S608
            ref, key, joined_on = client.ref, client.ref_key, client.joined_on
            for name in FIELDS:
                setattr(client, name, values[name])
            # A birthday without its year makes way for one with it.
            client.birthday = "" if client.birth_date else client.birthday
            free_code(client, ref_key=client.key_of_ref(), ref_store=client.ref_store)
            client.save(update_fields=[*FIELDS, "birthday"])
            if client.joined_on != joined_on:
                joined_changed.send(Client, clients=[client.pk])
            if key and client.ref_key != key:
                keep_code(client, ref=ref, ref_store=client.ref_store)
                numbers = "SELECT %s::bigint AS id, %s::text AS was, %s::text AS now"
                renumber_visits(cursor, numbers, [client.pk, key, client.ref_key])
            trail.record_changes(acting_user=acting_user)
    except IntegrityError as error:
        if violated_constraint(error) != "clients_client_ref_key":
            raise
        message = _("“%s” is or was another client’s number. If both are one person, merge them instead.")
        raise AppError("number_taken", message % values["ref"], field="ref", status=409) from error
    return client


def delete_client(*, client_id: int, acting_user: User) -> None:
    """Raises AppError: no right, no such client, one whom an import is using, one who has visits or brought someone."""
    require_right(acting_user, EDIT_CLIENTS)
    with transaction.atomic():
        client = _locked(client_id)
        if is_named(client):
            message = _("This client has visits or other records, so the record cannot be deleted.")
            raise AppError("client_has_records", message, status=409)
        before = {"client_ref": client.ref, "name": client.name}
        record(action=Action.CLIENT_DELETED, acting_user=acting_user, subject=client, before=before)
        delete_unnamed(client)


def _locked(client_id: int) -> Client:
    message = _("An import is using this client. Try again when it has finished.")
    in_use = AppError("in_use", message, status=409)
    client = lock_record(Client.objects.filter(pk=client_id), in_use)
    if client is None:
        raise AppError("unknown_client", _("There is no such client."), status=404)
    return client
