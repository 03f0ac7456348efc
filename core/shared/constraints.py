"""Finds the constraint behind an IntegrityError."""

import psycopg
from django.db import IntegrityError


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint; empty where the database names none."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""
