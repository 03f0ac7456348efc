"""What this app brings to the rest of the product."""

from core.accounts.rights import Role

FIELD_CHOICES = {"role": Role}
