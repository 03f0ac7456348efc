"""What happens to services that other apps may want to know, sent within the transaction of the change."""

from django.dispatch import Signal

# With the `cursor` and the ids of the `services` that are of another category now. Whoever sends it has locked them
# before the change, against lines that are recorded meanwhile.
services_recategorised = Signal()
