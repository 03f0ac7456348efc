"""Contacts, and what came of each: the first visit since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from core.accounts.models import User
from core.clients.models import Client
from core.followup.models import Contact
from core.stores.access import visible_stores
from core.stores.models import Store
from core.visits.models import Visit

# Days that are looked back on, and within which a client who comes is counted as come back.
LOOKED_AT, WITHIN = 90, 30


@dataclass(frozen=True)
class StoreOutcome:
    """Clients contacted in the last 90 days, and how many of them came back within 30 days."""

    contacted: int
    came_back: int


def with_outcome(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """With `came_back`, the client's first day with a visit since, at whatever store. A visit on the very day counts:
    clients are called who have stayed away."""
    visits = Visit.objects.filter(
        client=OuterRef("client"), day__gte=OuterRef("day"), voided_at=None, lines__quantity__gt=0
    )
    return contacts.annotate(came_back=Subquery(visits.order_by("day").values("day")[:1]))


def contacts_of_store(store: Store) -> QuerySet[Contact]:
    """The latest first."""
    contacts = Contact.objects.filter(store=store).select_related("client", "recorded_by", "lifted_by")
    return with_outcome(contacts).order_by("-day", "-pk")


def contacts_seen_by(user: User, client: Client) -> QuerySet[Contact]:
    """Those of the stores the user sees, the latest first; "do not contact" counts everywhere, and so is seen."""
    contacts = Contact.objects.filter(client=client).select_related("store", "recorded_by", "lifted_by")
    if not user.sees_all_stores:
        blocks = Q(kind=Contact.Kind.DO_NOT_CONTACT, lifted_on=None)
        contacts = contacts.filter(Q(store__in=visible_stores(user)) | blocks)
    return with_outcome(contacts).order_by("-day", "-pk")


def changeable(user: User, contacts: Iterable[Contact]) -> set[int]:
    """Ids of those whose stores the user sees."""
    stores = set(visible_stores(user).values_list("pk", flat=True))
    return {contact.pk for contact in contacts if contact.store_id in stores}


def outcomes_by_store(stores: list[int], *, today: date) -> dict[int, StoreOutcome]:
    contacts = Contact.objects.filter(store__in=stores, day__gt=today - timedelta(days=LOOKED_AT))
    contacts = contacts.exclude(kind=Contact.Kind.DO_NOT_CONTACT)
    back = Q(came_back__lte=F("day") + timedelta(days=WITHIN))
    rows = (
        with_outcome(contacts)
        .values("store")
        .annotate(contacted=Count("client", distinct=True), back=Count("client", distinct=True, filter=back))
        .values_list("store", "contacted", "back")
    )
    return {store: StoreOutcome(contacted, came_back) for store, contacted, came_back in rows}
