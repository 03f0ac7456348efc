"""What a visit and its lines point to stays while they are written: the database does not check it (docs/adr/0004), and
whoever takes records away locks them first."""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _

from core.shared.errors import AppError
from core.shared.merged import Mergeable
from core.visits.services.lines import NewLine


def hold(*records: Model | None, lines: Sequence[NewLine] = ()) -> None:
    """Within a transaction, until its end. Raises AppError where a record has gone in the meantime, or was
    merged into another."""
    wanted: dict[type[Model], set[int]] = {}
    for record in (*records, *_of(lines)):
        if record is not None:
            wanted.setdefault(type(record), set()).add(record.pk)
    with connection.cursor() as cursor:
        # In one order, so that two do not wait for each other.
        for model in sorted(wanted, key=lambda model: model._meta.db_table):
            ids = sorted(wanted[model])
            table = model._meta.db_table
            there = " AND merged_into_id IS NULL" if issubclass(model, Mergeable) else ""
            cursor.execute(f"SELECT id FROM {table} WHERE id = ANY(%s){there} ORDER BY id FOR KEY SHARE", [ids])  # noqa: S608
            if len(cursor.fetchall()) < len(ids):
                message = _("A record that this visit names has been removed in the meantime. Choose another.")
                raise AppError("removed", message, field=model._meta.model_name, status=409)


def _of(lines: Sequence[NewLine]) -> Iterable[Model | None]:
    for line in lines:
        yield from (line.service, line.category, line.staff)
