"""Keeps the facts current: lower apps announce what concerns them, within the transaction of the change."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.backends.utils import CursorWrapper

from core.catalogue.signals import services_recategorised
from core.clients.signals import joined_changed, joined_loaded
from core.membership.signals import tiers_changed, tiers_loaded
from core.reporting.facts.refresh import refresh_clients, refresh_clients_from, refresh_store
from core.reporting.facts.store_days import add_store_day, add_store_days_from, recount_store_days
from core.reporting.tasks import fold_facts
from core.shared.task_queue import send_after_commit
from core.stores.signals import store_relocated
from core.visits.models import Visit
from core.visits.signals import visit_recorded, visits_changed, visits_loaded


def connect() -> None:
    visit_recorded.connect(_visit_recorded, dispatch_uid="reporting")
    visits_changed.connect(_clients_changed, dispatch_uid="reporting")
    visits_loaded.connect(_visits_loaded, dispatch_uid="reporting")
    tiers_changed.connect(_clients_changed, dispatch_uid="reporting")
    tiers_loaded.connect(_clients_loaded, dispatch_uid="reporting")
    joined_changed.connect(_clients_changed, dispatch_uid="reporting")
    joined_loaded.connect(_clients_loaded, dispatch_uid="reporting")
    store_relocated.connect(_store_relocated, dispatch_uid="reporting")
    services_recategorised.connect(_services_recategorised, dispatch_uid="reporting")


def _visit_recorded(visit: Visit, lines: int, **_more: Any) -> None:
    refresh_clients([visit.client_id] if visit.client_id else [])
    add_store_day(store_id=visit.store_id, day=visit.day, lines=lines, anonymous=visit.client_id is None)


def _clients_changed(clients: Collection[int], store_days: Collection[tuple[int, date]] = (), **_more: Any) -> None:
    refresh_clients(clients, store_days)


def _visits_loaded(cursor: CursorWrapper, new_visits: str, store_days: str, clients: str, **_more: Any) -> None:
    add_store_days_from(cursor, table=new_visits)
    recount_store_days(cursor, f"SELECT store_id, day FROM {store_days}")  # noqa: S608
    if refresh_clients_from(cursor, table=clients):
        # Reports of what an import has brought are read at once, and twice as fast from few blocks.
        send_after_commit(fold_facts)


def _clients_loaded(cursor: CursorWrapper, table: str, **_more: Any) -> None:
    refresh_clients_from(cursor, table=table)


def _store_relocated(store_id: int, **_more: Any) -> None:
    refresh_store(store_id)


def _services_recategorised(cursor: CursorWrapper, services: Collection[int], **_more: Any) -> None:
    cursor.execute(
        "CREATE TEMP TABLE recategorised ON COMMIT DROP AS SELECT DISTINCT v.client_id, v.store_id::int, v.day "
        "FROM visits_visitline l JOIN visits_visit v ON v.id = l.visit_id "
        "WHERE l.category_id IS NULL AND l.service_id = ANY(%s)",
        [list(services)],
    )
    refresh_clients_from(
        cursor, table="(SELECT DISTINCT client_id FROM recategorised WHERE client_id IS NOT NULL) AS of_clients"
    )
    recount_store_days(cursor, "SELECT store_id, day FROM recategorised WHERE client_id IS NULL")
    cursor.execute("DROP TABLE recategorised")
