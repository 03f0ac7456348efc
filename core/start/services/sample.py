"""Loads sample data through the ordinary import, and removes it without touching the chain's own records."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.followup.models import Contact
from core.imports.declaration import IMPORT
from core.imports.services.imports import import_file, lock_imports
from core.imports.services.options import ImportOptions
from core.reporting.facts.refresh import refresh_all
from core.shared.chain import chain_today
from core.shared.errors import AppError
from core.staff.models import StaffMember
from core.start.declaration import Action
from core.start.services.sample_files import PREFIX, STORE_CODES, write_sample_files
from core.stores.models import Store
from core.visits.models import Visit, VisitLine

# Visits that a user recorded have no import key.
_SAMPLE_VISIT = Q(ref__startswith=PREFIX, import_key__isnull=False)
# Called with the number of files done and the total.
OnProgress = Callable[[int, int], None]


def has_sample() -> bool:
    return Store.objects.filter(code__in=STORE_CODES).exists()


def remaining_stores() -> list[str]:
    """Names of the sample's stores that are still there though its visits are not: records hang on them."""
    if Visit.objects.filter(_SAMPLE_VISIT, store__code__in=STORE_CODES).exists():
        return []
    return list(Store.objects.filter(code__in=STORE_CODES).order_by("name").values_list("name", flat=True))


def has_own_records() -> bool:
    return Store.objects.exclude(code__in=STORE_CODES).exists()


def refuse_own_records() -> None:
    """Raises AppError where the chain has stores of its own."""
    if has_own_records():
        message = _("The chain has stores of its own; sample data would only get among them.")
        raise AppError("not_empty", message, status=409)


def load_sample(*, acting_user: User, on_progress: OnProgress) -> None:
    """Each file comes in whole or not at all, and one that is in already changes nothing: what was broken off is made
    good by the next try. Raises AppError where the chain has stores of its own."""
    require_right(acting_user, IMPORT)
    refuse_own_records()
    yesterday = chain_today() - timedelta(days=1)
    with TemporaryDirectory(prefix="revisit-sample-") as folder:
        files = write_sample_files(language=get_language() or "en", yesterday=yesterday, folder=Path(folder))
        for number, (kind, path) in enumerate(files):
            on_progress(number, len(files))
            import_file(kind=kind, source=path, options=ImportOptions(), acting_user=acting_user, audited=False)
    record(action=Action.SAMPLE_LOADED, acting_user=acting_user)


@transaction.atomic
def remove_sample(*, acting_user: User) -> list[str]:
    """Takes out the sample's visits, and of its clients, people, services and stores all that nothing of the chain's
    own hangs on; returns the names of sample stores that stay for that. Figures are derived anew."""
    require_right(acting_user, IMPORT)
    lock_imports()
    ids = _lock_sample()
    Visit.objects.filter(_SAMPLE_VISIT, store__in=ids).delete()
    _remove_clients()
    _remove_catalogue()
    remaining = _remove_stores(ids)
    refresh_all()
    if ids:
        record(
            action=Action.SAMPLE_REMOVED,
            acting_user=acting_user,
            after={"kept_stores": remaining} if remaining else None,
        )
    return remaining


def _lock_sample() -> list[int]:
    """All of the sample that a visit may point to, and all clients, whose facts are derived anew, in the order
    `core.visits` holds them in; gives the stores. A visit that is being recorded is waited for, and then counts."""
    categories = Service.objects.filter(code__startswith=PREFIX).values("category")
    for records in (
        Service.objects.filter(code__startswith=PREFIX),
        ServiceCategory.objects.filter(pk__in=categories),
        Client.objects.all(),
        StaffMember.objects.filter(code__startswith=PREFIX),
    ):
        list(records.order_by("pk").select_for_update().values_list("pk", flat=True))
    stores = Store.objects.filter(code__in=STORE_CODES).order_by("pk").select_for_update()
    return list(stores.values_list("pk", flat=True))


def _remove_clients() -> None:
    """Who has come by now for a visit of the chain's own, or has brought someone, stays."""
    came = Visit.objects.filter(client=OuterRef("pk"))
    of_sample = Client.objects.filter(ref__startswith=PREFIX, ref_store=None)
    brought = Client.known.filter(referrer=OuterRef("pk")).exclude(ref__startswith=PREFIX)
    merged = Client.known.filter(merged_into=OuterRef("pk"))
    of_sample.filter(~Exists(came), ~Exists(brought), ~Exists(merged)).delete()


def _remove_catalogue() -> None:
    """People and services without a line; categories without either."""
    of_person, of_service = (
        VisitLine.objects.filter(staff=OuterRef("pk")),
        VisitLine.objects.filter(service=OuterRef("pk")),
    )
    others = StaffMember.known.filter(merged_into=OuterRef("pk"))
    staff = StaffMember.objects.filter(~Exists(of_person), ~Exists(others), code__startswith=PREFIX)
    staff.filter(store__code__in=STORE_CODES).delete()
    merged = Service.known.filter(merged_into=OuterRef("pk"))
    services = Service.objects.filter(~Exists(of_service), ~Exists(merged), code__startswith=PREFIX)
    categories = list(services.values_list("category", flat=True).distinct())
    services.delete()
    other_services = Service.known.filter(category=OuterRef("pk"))
    lines = VisitLine.objects.filter(category=OuterRef("pk"))
    ServiceCategory.objects.filter(~Exists(other_services), ~Exists(lines), pk__in=categories).delete()


def _remove_stores(ids: list[int]) -> list[str]:
    has = [Exists(QuerySet(model).filter(store=OuterRef("pk"))) for model in (Visit, Client, StaffMember, Contact)]
    of_own_number = Exists(Client.known.filter(ref_store=OuterRef("pk")))
    merged = Exists(Store.known.filter(merged_into=OuterRef("pk")))
    kept = Q(has[0]) | Q(has[1]) | Q(has[2]) | Q(has[3]) | Q(of_own_number) | Q(merged)
    used = Store.objects.filter(kept, pk__in=ids)
    remaining = dict(used.values_list("pk", "name"))
    Store.objects.filter(pk__in=set(ids) - set(remaining)).delete()
    return sorted(remaining.values())
