"""What this app brings to the rest of the product."""

CLOSED_TO_OPERATORS = ("jobs:retry",)
