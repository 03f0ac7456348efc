"""Tells reporting whose visits a merge concerns, by the signals that loading sends."""

from django.db.backends.utils import CursorWrapper

from core.catalogue.models import Service
from core.catalogue.signals import services_recategorised
from core.merging.models import Merge, MovedRecords
from core.visits.models import Visit
from core.visits.signals import visits_loaded

NO_VISITS = "(SELECT store_id, day, NULL::bigint AS client_id, 0 AS lines FROM merge_store_day LIMIT 0) AS none"


def recategorised(merge: Merge) -> list[int]:
    """Services that the merge has given another category."""
    moved = MovedRecords.objects.filter(merge=merge, table="catalogue_service", column="category_id")
    return [service for ids in moved.values_list("ids", flat=True) for service in ids]


def note_touched(cursor: CursorWrapper, merge: Merge) -> None:
    """Of the records that the merge has moved; before they are forgotten."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.merge_visit, pg_temp.merge_store_day, pg_temp.merge_client")
    cursor.execute(
        """CREATE TEMP TABLE merge_visit ON COMMIT DROP AS
           WITH moved AS (
               SELECT r."table", r."column", r.before, r.after, unnest(r.ids) AS id
               FROM merging_movedrecords r WHERE r.merge_id = %s
           )
           SELECT v.store_id, v.day, v.client_id, m."column", m.before, m.after
           FROM moved m JOIN visits_visit v ON v.id = m.id WHERE m."table" = 'visits_visit'
           UNION ALL
           SELECT v.store_id, v.day, v.client_id, '', NULL, NULL
           FROM moved m JOIN visits_visitline l ON l.id = m.id JOIN visits_visit v ON v.id = l.visit_id
           WHERE m."table" = 'visits_visitline'""",
        [merge.pk],
    )
    cursor.execute(
        """CREATE TEMP TABLE merge_store_day ON COMMIT DROP AS
           SELECT store_id::int, day FROM merge_visit
           UNION SELECT unnest(ARRAY[before, after])::int, day FROM merge_visit WHERE "column" = 'store_id'"""
    )
    cursor.execute(
        """CREATE TEMP TABLE merge_client ON COMMIT DROP AS
           SELECT client_id FROM merge_visit WHERE client_id IS NOT NULL
           UNION SELECT unnest(ARRAY[before, after]) FROM merge_visit WHERE "column" = 'client_id'
           UNION SELECT unnest(ARRAY[before, after]) FROM merging_movedrecords
           WHERE merge_id = %s AND "table" = 'membership_clienttier' AND "column" = 'client_id'
           UNION SELECT keep_id FROM merging_merge WHERE id = %s AND kind = 'client' AND filled ? 'joined_on'""",
        [merge.pk, merge.pk],
    )


def announce(cursor: CursorWrapper, services: list[int]) -> None:
    """Once all is moved: `services` are of another category now."""
    if services:
        services_recategorised.send(Service, cursor=cursor, services=services)
    cursor.execute("SELECT EXISTS (SELECT FROM merge_store_day), EXISTS (SELECT FROM merge_client)")
    if any(cursor.fetchone()):
        visits_loaded.send(
            Visit,
            cursor=cursor,
            new_visits=NO_VISITS,
            store_days="merge_store_day",
            clients="(SELECT client_id FROM merge_client) AS touched",
        )
