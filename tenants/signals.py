"""What billing has to hear of: sent outside any chain, in the transaction of what they tell of.

Each is sent with `sender=Chain` and `chain=`.
"""

from django.dispatch import Signal

# Signed up by itself; chains made by command are not told of.
chain_signed_up = Signal()
# About to be dropped.
chain_erased = Signal()
