"""Rows that have a number already which the database is about to give out."""

from typing import Any

from django.db.models import Model

from tenants.postgresql_backend.current import connection


def take_next_number(model: type[Model], **values: Any) -> None:
    """As where a sequence has fallen behind its rows: the next row is refused for its primary key."""
    with connection().cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
        (number,) = cursor.fetchone()
    model._default_manager.create(pk=number + 1, **values)
