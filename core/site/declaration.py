"""What this app brings to the rest of the product."""

ALLOWED_WHILE_READ_ONLY = ("language",)
