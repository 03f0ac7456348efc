"""Which constraint a statement broke: an IntegrityError means nothing more until that is known."""

import psycopg
from django.db import IntegrityError


def violated(error: IntegrityError) -> str:
    """The name of the constraint; empty where the database names none."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""
