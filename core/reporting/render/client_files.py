"""The clients behind a figure as a file."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.reporting.client_list import ClientList
from core.reporting.render.files import Cell, csv_of, xlsx_of


def client_file(clients: ClientList, title: str, extension: str) -> bytes:
    """`extension`: csv or xlsx."""
    rows = _rows(clients)
    return csv_of(rows) if extension == "csv" else xlsx_of(title, rows)


def _rows(clients: ClientList) -> Iterator[list[Cell]]:
    yield [
        _("Number"), _("Client"), _("Store"), _("First day in the period"), _("Came back on"), _("Came back to"),
    ]  # fmt: skip
    for client in clients.listed:
        yield [
            client.ref, client.name, client.store, client.first_day, client.back_day, client.back_store,
        ]  # fmt: skip
