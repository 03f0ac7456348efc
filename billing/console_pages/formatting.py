"""Formats amounts and times for the console."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import Promise

from billing.presentation.money import amount
from core.shared.figures import NOTHING
from tenants.console.pages.base import Column, column


def format_amount(value: int | None, currency: str) -> str:
    return NOTHING if value is None or not currency else amount(value, currency, always_cents=True)


def format_moment(value: datetime | None) -> str:
    return NOTHING if value is None else date_format(value, "Y-m-d H:i")


def amount_column(title: Promise, field: str) -> Column:
    """A column of an amount in the row's currency."""
    return column(title, lambda row: format_amount(getattr(row, field), row.currency), field)


def moment_column(title: Promise, field: str) -> Column:
    return column(title, lambda row: format_moment(getattr(row, field)), field)
