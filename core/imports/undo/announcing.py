"""Tells reporting whose visits, tiers, places and first days an undo concerns, by the signals that loading sends."""

from django.db.backends.utils import CursorWrapper

from core.catalogue.models import Service
from core.catalogue.signals import services_recategorised
from core.clients.services.loading import announce_joined
from core.membership.models import ClientTier
from core.membership.signals import tiers_loaded
from core.stores.models import Store
from core.stores.signals import store_relocated
from core.visits.models import Visit
from core.visits.signals import visits_loaded

NO_VISITS = "(SELECT store_id, day, NULL::bigint AS client_id, 0 AS lines FROM undo_store_day LIMIT 0) AS none"


class Touched:
    """Noted before anything has changed, and for visits once more when all that changes has."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self.cursor = cursor
        tables = ("undo_client", "undo_tier", "undo_joined", "undo_store_day")
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in tables)}")
        cursor.execute("CREATE TEMP TABLE undo_client (client_id bigint) ON COMMIT DROP")
        cursor.execute("CREATE TEMP TABLE undo_store_day (store_id int, day date) ON COMMIT DROP")
        self.note_visits()
        cursor.execute("SELECT id FROM undo_changed_catalogue_service")
        self._services = [int(service) for (service,) in cursor.fetchall()]
        cursor.execute(
            "CREATE TEMP TABLE undo_tier ON COMMIT DROP AS "
            "SELECT owner AS client_id FROM undo_made_membership_clienttier "
            "UNION SELECT owner FROM undo_changed_membership_clienttier"
        )
        cursor.execute(
            "CREATE TEMP TABLE undo_joined ON COMMIT DROP AS "
            "SELECT id AS client_id FROM undo_changed_clients_client WHERE before ? 'joined_on'"
        )

    @property
    def clients(self) -> str:
        return " UNION ALL ".join(
            f"SELECT client_id FROM {table}" for table in ("undo_client", "undo_tier", "undo_joined")
        )

    def note_visits(self) -> None:
        visits = (
            "FROM visits_visit WHERE id IN (SELECT id FROM undo_made_visits_visit WHERE reason IS NULL "
            "UNION ALL SELECT id FROM undo_changed_visits_visit WHERE reason IS NULL)"
        )
        self.cursor.execute(f"INSERT INTO undo_store_day SELECT DISTINCT store_id, day {visits}")
        self.cursor.execute(f"INSERT INTO undo_client SELECT DISTINCT client_id {visits} AND client_id IS NOT NULL")

    def announce(self) -> None:
        self._announce_places()
        if self._services:
            services_recategorised.send(Service, cursor=self.cursor, services=self._services)
        self.cursor.execute("SELECT EXISTS (SELECT FROM undo_store_day), EXISTS (SELECT FROM undo_tier)")
        has_visits, has_tiers = self.cursor.fetchone()
        if has_tiers:
            tiers_loaded.send(ClientTier, cursor=self.cursor, table="undo_tier")
        announce_joined(self.cursor, "undo_joined")
        if has_visits:
            visits_loaded.send(
                Visit,
                cursor=self.cursor,
                new_visits=NO_VISITS,
                store_days="undo_store_day",
                clients="(SELECT DISTINCT client_id FROM undo_client) AS touched",
            )

    def _announce_places(self) -> None:
        self.cursor.execute(
            "SELECT id FROM stores_store WHERE id IN (SELECT owner FROM undo_made_stores_storelocation "
            "WHERE reason IS NULL UNION ALL SELECT owner FROM undo_changed_stores_storelocation WHERE reason IS NULL)"
        )
        for (store,) in self.cursor.fetchall():
            store_relocated.send(Store, store_id=store)
