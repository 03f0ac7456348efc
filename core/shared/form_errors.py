"""A refusal of a service, shown in the form that was sent."""

from django.forms import BaseForm

from core.shared.errors import AppError


def show_error(form: BaseForm, error: AppError) -> None:
    """At the field at fault; above the form where that is none of its fields."""
    form.add_error(error.field if error.field in form.fields else None, str(error.message))
