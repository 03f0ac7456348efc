"""A field that fills a column needs the model and one line of declaration: files, trail and page take it from there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection as default_connection
from django.db import models
from django.db.models import Model

from core.audit.models import AuditEntry
from core.audit.presentation import changes
from core.catalogue.models import Service
from core.clients.declaration import FILE_FIELDS
from core.clients.models import Client
from core.imports.services.results import ImportResult
from core.membership.declaration import Action
from core.shared.file_fields import Field, FileFields, Value, fields_of, model_field
from core.staff.models import StaffMember
from core.stores.models import Store
from tenants.postgresql_backend.current import connection
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

Bring = Callable[..., ImportResult]

# The file's rows of one record, before the field that is tried.
RECORDS: dict[str, tuple[type[Model], dict[str, str]]] = {
    "stores": (Store, {"store_code": "S9", "name": "Nine", "city": "上海"}),
    "staff": (StaffMember, {"staff_code": "P9", "name": "Nina", "store_code": "S1"}),
    "services": (Service, {"service_code": "X9", "name": "Cut", "category": "Hair"}),
    "clients": (Client, {"client_ref": "C9"}),
}
CELLS = {
    Value.DATE: ("2019-04-05", "2019-04-06"),
    Value.BIRTH_DATE: ("1900-04-05", "1990-04-06"),
    Value.MONEY: ("12.50", "13.00"),
    Value.INTEGER: ("30", "45"),
    Value.MINUTES: ("30", "45"),
    Value.TIME_ZONE: ("Asia/Tokyo", "Europe/Paris"),
    Value.CHOICE: ("female", "male"),
}
# Text names the record or points to another.
PLAIN = [
    (kind, field.name)
    for kind, (model, _row) in RECORDS.items()
    for field in fields_of(kind)
    if field.column and field.value != Value.CODE and not model._meta.get_field(field.column).is_relation
]


def bring_cell(bring: Bring, kind: str, name: str, cell: str) -> object:
    """What the record has after a file with this cell."""
    model, row = RECORDS[kind]
    row = {**row, name: cell}
    assert bring(kind, f"{','.join(row)}\n{','.join(row.values())}\n").rejected == 0
    return str(model._default_manager.latest("pk").__dict__[name])


@pytest.mark.parametrize(("kind", "name"), PLAIN)
def test_each_is_read_and_loaded_and_an_empty_cell_leaves_it(
    bring: Bring, stores: list[Store], kind: str, name: str
) -> None:
    (field,) = (field for field in fields_of(kind) if field.name == name)
    for cell in CELLS.get(field.value, ("one", "two")):
        assert bring_cell(bring, kind, name, cell) == cell
    if not field.required:
        assert bring_cell(bring, kind, name, "") == cell


def test_many_are_tried() -> None:
    assert len(PLAIN) > 15


@pytest.fixture
def favourite_colour(chain: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the model with its migration and a line in `core.clients.declaration` come to."""
    column: Any = models.CharField("favourite colour", max_length=10, blank=True)
    column.contribute_to_class(Client, "favourite_colour")
    with connection().as_owner(), default_connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clients_client ADD favourite_colour varchar(10) NOT NULL DEFAULT ''")
    (part,) = FILE_FIELDS
    line = model_field(Client, "favourite_colour", headings="colour 颜色")
    monkeypatch.setattr("core.clients.declaration.FILE_FIELDS", (FileFields(part.kind, (*part.fields, line)),))
    yield
    Client._meta.local_fields.remove(column)
    del Client.favourite_colour  # type: ignore[attr-defined]
    Client._meta._expire_cache()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("favourite_colour", "english")
def test_a_new_one_needs_nothing_else(bring: Bring, hq_client: ChainClient) -> None:
    bring("clients", "client_ref,颜色\nC9,red\n")
    bring("clients", "client_ref,Colour\nC9,blue\n")
    assert "characters long" in bring("clients", f"client_ref,favourite_colour\nC9,{'x' * 11}\n").findings[0].message
    client = Client.objects.get(ref="C9")
    assert client.__dict__["favourite_colour"] == "blue"
    (change,) = changes(AuditEntry.objects.get(action=Action.CLIENT_CHANGED))
    assert (change.field, change.before, change.after) == ("Favourite colour", "red", "blue")
    assert "Favourite colour blue" in text_of(hq_client.get(f"/clients/{client.pk}/"))


def test_one_without_a_column_is_recognised_and_loaded_nowhere(
    bring: Bring, chain: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = FileFields("clients", (Field("key_number", "Key number"),))
    monkeypatch.setattr("core.clients.declaration.FILE_FIELDS", (*FILE_FIELDS, extra))
    assert bring("clients", "client_ref,key_number\nC9,7\n").created == 1
