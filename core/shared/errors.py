"""The one application error: services raise it, views and commands map it once."""

from typing import Any

import psycopg
from django.db import IntegrityError
from django.forms import BaseForm


class AppError(Exception):
    """A request that is refused, in words for the person who made it.

    `code` is stable, for programs. `message` names the mend and may be a lazy translation. `field` is the input at
    fault.
    """

    def __init__(
        self, code: str, message: object, *, field: str | None = None, status: int = 400, **extra: Any
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.field = field
        self.status = status
        self.extra = extra

    def __str__(self) -> str:
        text = str(self.message)
        return f"{self.field}: {text}" if self.field else text


def show_error(form: BaseForm, error: AppError) -> None:
    """At the field at fault; above the form where that is none of its fields."""
    form.add_error(error.field if error.field in form.fields else None, str(error.message))


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint; empty where the database names none."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""
