"""A refusal of a service in the form that was sent, and of the database by the name of its constraint."""

import pytest
from django import forms
from django.db import IntegrityError, transaction

from core.shared.errors import AppError, show_error, violated_constraint
from core.stores.models import City, Store, StoreLocation
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tests.plugins.numbers import take_next_number


class StoreForm(forms.Form):
    code = forms.CharField()


@pytest.mark.parametrize(("field", "shown_at"), [("code", "code"), ("plan", "__all__"), (None, "__all__")])
def test_it_stands_at_its_field_or_above_the_form(field: str | None, shown_at: str) -> None:
    form = StoreForm({"code": "S001"})
    show_error(form, AppError("taken", "There is a store “S001” already.", field=field))
    assert form.errors == {shown_at: ["There is a store “S001” already."]}


def broken_by(statement: str) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection().cursor() as cursor:
        cursor.execute(statement)
    return violated_constraint(error.value)


def test_the_constraint_is_named(chain: Chain) -> None:
    store = Store.objects.create(code="A", name="A")
    StoreLocation.objects.create(store=store)
    assert (
        broken_by("INSERT INTO stores_store (code, name, time_zone) VALUES ('A', 'B', '')") == "stores_store_code_key"
    )
    assert (
        broken_by("INSERT INTO stores_storelocation SELECT * FROM stores_storelocation") == "stores_storelocation_pkey"
    )


def test_where_none_is_named(chain: Chain) -> None:
    assert broken_by("INSERT INTO stores_city (name) VALUES (NULL)") == ""
    assert violated_constraint(IntegrityError("made by hand")) == ""


def test_a_number_that_is_taken_is_told_from_a_name_that_is_taken(chain: Chain) -> None:
    take_next_number(City, name="上海")
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        City.objects.create(name="苏州")
    assert violated_constraint(error.value) == "stores_city_pkey"
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        City.objects.create(name="上海")
    assert violated_constraint(error.value) == "stores_city_name_key"
