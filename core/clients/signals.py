"""What happens to clients that other apps may want to know, sent within the transaction of the change."""

from django.dispatch import Signal

# With `clients`, the ids of those whose record was opened on another day than was known.
joined_changed = Signal()
# A file changed many: with the `cursor` and a `table` of their ids (client_id bigint).
joined_loaded = Signal()
