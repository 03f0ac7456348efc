"""What happens to tiers that other apps may want to know, sent within the transaction of the change."""

from django.dispatch import Signal

# With `clients`, the ids of those who hold another tier, now or from some day on.
tiers_changed = Signal()
# A file changed many: with the `cursor` and a `table` of their ids (client_id bigint).
tiers_loaded = Signal()
