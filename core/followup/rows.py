"""Entries of the list with what people read of them: names, phones, services, staff and contacts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from core.accounts.models import User
from core.accounts.rights import rights
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.followup.models import Contact
from core.followup.worklist import Entry
from core.staff.models import StaffMember

# Whoever sees clients sees their phones; that right is declared by an app above this one.
SEE_CLIENTS = "see_clients"
_NO_DIGIT = re.compile(r"[^\d+]", re.ASCII)
_CALLABLE = re.compile(r"\+?\d{5,15}", re.ASCII)


@dataclass(frozen=True)
class ListedClient:
    entry: Entry
    client: Client
    # Empty where the user may not see it, or none is known.
    phone: str
    # The service of the last visit, else its category.
    service: str
    staff: str
    contact: Contact | None

    @property
    def call(self) -> str:
        return call_number(self.phone)


def listed_clients(entries: Sequence[Entry], user: User) -> list[ListedClient]:
    """In their order."""
    absent = [entry.absent for entry in entries]
    clients = Client.objects.in_bulk([one.client_id for one in absent])
    services = _names(Service, {one.service_id for one in absent})
    categories = _names(ServiceCategory, {one.category_id for one in absent if not one.service_id})
    staff = _names(StaffMember, {one.staff_id for one in absent})
    ids = [entry.contact_id for entry in entries if entry.contact_id]
    contacts = Contact.objects.select_related("recorded_by").in_bulk(ids)
    sees_phones = may_see_phones(user)
    return [
        ListedClient(
            entry=entry,
            client=clients[entry.absent.client_id],
            phone=phone_of(clients[entry.absent.client_id]) if sees_phones else "",
            service=services.get(entry.absent.service_id) or categories.get(entry.absent.category_id, ""),
            staff=staff.get(entry.absent.staff_id, ""),
            contact=contacts.get(entry.contact_id or 0),
        )
        for entry in entries
        # Deleted or merged since the list was made.
        if entry.absent.client_id in clients
    ]


def _names(model: type[Service | ServiceCategory | StaffMember], ids: Iterable[int]) -> dict[int, str]:
    wanted = [one for one in ids if one]
    return dict(QuerySet(model).filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def staff_of(entries: Sequence[Entry]) -> list[tuple[int, str]]:
    """Who usually serves these clients, by name."""
    names = _names(StaffMember, {entry.absent.staff_id for entry in entries})
    return sorted(names.items(), key=lambda one: one[1])


def may_see_phones(user: User) -> bool:
    return any(user.may(right) for right in rights() if right.code == SEE_CLIENTS)


def phone_of(client: Client) -> str:
    return client.phone or client.backup_phone


def call_number(phone: str) -> str:
    """For a link that calls it; empty for what is no number, such as one that is masked."""
    number = _NO_DIGIT.sub("", phone)
    return number if "*" not in phone and _CALLABLE.fullmatch(number) else ""
