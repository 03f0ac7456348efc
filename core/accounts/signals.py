"""What happens to accounts that other apps may want to know."""

from django.dispatch import Signal

# With the `user` whose other sessions were ended, and the `devices` they were on.
sessions_ended = Signal()
