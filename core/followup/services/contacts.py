"""Recording that a client was contacted or wants no contact, correcting that, and lifting it."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.clients.models import Client
from core.followup.declaration import FOLLOW_UP, Action
from core.followup.models import Contact
from core.shared import figures
from core.shared.errors import AppError
from core.shared.record_locks import lock_record
from core.stores.access import require_store
from core.stores.models import Store
from core.visits.models import Visit
from core.visits.services.visits import local_today


def record_contact(
    *, client_id: int, store: Store, kind: Contact.Kind, day: date, note: str = "", acting_user: User
) -> Contact:
    """Raises AppError: no right, not the user's store, no client of that store, one whom an import is using, a day to
    come, a client who is not to be contacted, the same recorded for that day already."""
    require_right(acting_user, FOLLOW_UP)
    require_store(acting_user, store.pk)
    _check_day(store, day)
    with transaction.atomic():
        client = _locked_client(client_id, store)
        _refuse_again(client, kind, day)
        contact = Contact.objects.create(
            client=client, store=store, kind=kind, day=day, note=note, recorded_by=acting_user
        )
        _record(Action.CONTACT_RECORDED, contact, acting_user, after=_told(contact))
    return contact


def correct_contact(*, contact_id: int, kind: Contact.Kind, day: date, note: str, acting_user: User) -> Contact:
    """Raises AppError: no right, no such contact, one of another store, a day to come, the same recorded for that day
    already, "do not contact" made of something else or the other way round."""
    require_right(acting_user, FOLLOW_UP)
    with transaction.atomic():
        contact = _locked_contact(contact_id, acting_user)
        _check_day(contact.store, day)
        if contact.is_block != (kind == Contact.Kind.DO_NOT_CONTACT):
            message = _("“Do not contact” cannot be made from another entry. Remove this one and record it anew.")
            raise AppError("other_kind", message, field="kind")
        if (contact.kind, contact.day) != (kind, day):
            _refuse_same_day(contact.client_id, kind, day)
        before = _told(contact)
        contact.kind, contact.day, contact.note = kind, day, note
        contact.save(update_fields=["kind", "day", "note"])
        _record(Action.CONTACT_CORRECTED, contact, acting_user, before=before, after=_told(contact))
    return contact


def remove_contact(*, contact_id: int, acting_user: User) -> Contact:
    """One recorded by mistake. Raises AppError: no right, no such contact, one of another store."""
    require_right(acting_user, FOLLOW_UP)
    with transaction.atomic():
        contact = _locked_contact(contact_id, acting_user)
        _record(Action.CONTACT_REMOVED, contact, acting_user, before=_told(contact))
        contact.delete()
    return contact


def lift_block(*, contact_id: int, acting_user: User) -> Contact:
    """The client is offered again. Raises AppError: no right, no such contact, one of another store, no "do not
    contact" that holds."""
    require_right(acting_user, FOLLOW_UP)
    with transaction.atomic():
        contact = _locked_contact(contact_id, acting_user)
        if not contact.blocks:
            raise AppError("no_block", _("“Do not contact” does not hold any more."), status=409)
        contact.lifted_on, contact.lifted_by = local_today(contact.store), acting_user
        contact.save(update_fields=["lifted_on", "lifted_by"])
        _record(Action.CONTACT_ALLOWED, contact, acting_user)
    return contact


def _check_day(store: Store, day: date) -> None:
    if day > local_today(store):
        raise AppError("day_to_come", _("This day is still to come."), field="day")


def _locked_client(client_id: int, store: Store) -> Client:
    """Two who mark one client follow each other, and the second sees what the first has said."""
    message = _("An import is using this client. Try again when it has finished.")
    client = lock_record(Client.objects.filter(pk=client_id), AppError("in_use", message, status=409))
    if client is None or not Visit.objects.filter(client=client, store=store).exists():
        raise AppError("unknown_client", _("There is no such client at this store."), status=404)
    return client


def _locked_contact(contact_id: int, acting_user: User) -> Contact:
    contact = Contact.objects.select_for_update(of=("self",)).select_related("client", "store")
    found = contact.filter(pk=contact_id).first()
    if found is None:
        raise AppError("unknown_contact", _("This entry has been removed in the meantime."), status=404)
    require_store(acting_user, found.store_id)
    return found


def _refuse_again(client: Client, kind: Contact.Kind, day: date) -> None:
    block = Contact.objects.filter(client=client, kind=Contact.Kind.DO_NOT_CONTACT, lifted_on=None)
    if standing := block.select_related("recorded_by").first():
        message = _("Do not contact this client: recorded on %(day)s%(by)s. Lift that first.")
        raise AppError("do_not_contact", message % _said(standing), status=409)
    _refuse_same_day(client.pk, kind, day)


def _refuse_same_day(client_id: int, kind: Contact.Kind, day: date) -> None:
    same = Contact.objects.filter(client=client_id, kind=kind, day=day).select_related("recorded_by").first()
    if same is not None:
        message = _("Already recorded for %(day)s%(by)s: %(kind)s. Add to that entry instead.")
        raise AppError("recorded_already", message % {**_said(same), "kind": same.get_kind_display()}, status=409)


def _said(contact: Contact) -> dict[str, str]:
    by = _(" by %s") % contact.recorded_by if contact.recorded_by else ""
    return {"day": figures.day(contact.day), "by": by}


def _told(contact: Contact) -> dict[str, object]:
    return {
        "contact": contact.kind,
        "day": contact.day,
        "contact_note": contact.note,
        "store": contact.store.code,
    }


def _record(
    action: Action,
    contact: Contact,
    acting_user: User,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    record(action=action, acting_user=acting_user, subject=contact.client, before=before, after=after)
