"""Signals for billing, sent outside any chain, in the transaction of the event.

Each is sent with `sender=Chain` and `chain=`.
"""

from django.dispatch import Signal

# Only for chains that signed up by themselves, not for those created by command.
chain_signed_up = Signal()
# Sent before the chain is dropped.
chain_erased = Signal()
