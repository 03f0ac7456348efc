"""What happens to visits that other apps may want to know, sent within the transaction of the change."""

from django.dispatch import Signal

# With the `visit` and the number of its `lines`.
visit_recorded = Signal()
# With the ids of the `clients` concerned and the `store_days` (store id, day), as they were and as they are.
visits_changed = Signal()
# A file brought many in: with the `cursor` and the names of tables of what is new (`new_visits`: store_id, day,
# client_id, lines), the days of known visits that it changed (`store_days`: store_id, day), and all `clients` concerned
# (client_id).
visits_loaded = Signal()
