"""What happens to stores that other apps may want to know, sent within the transaction of the change."""

from django.dispatch import Signal

# With `store_id`: the store stands in another place now, or the place counts to another tier or region.
store_relocated = Signal()
# With the `store`. Receivers answer with a sentence for the person who closed it, or with nothing.
store_closed = Signal()
