"""A refusal of a service in the form that was sent."""

import pytest
from django import forms

from core.shared.errors import AppError
from core.shared.form_errors import show_error


class StoreForm(forms.Form):
    code = forms.CharField()


@pytest.mark.parametrize(("field", "shown_at"), [("code", "code"), ("plan", "__all__"), (None, "__all__")])
def test_it_stands_at_its_field_or_above_the_form(field: str | None, shown_at: str) -> None:
    form = StoreForm({"code": "S001"})
    show_error(form, AppError("taken", "There is a store “S001” already.", field=field))
    assert form.errors == {shown_at: ["There is a store “S001” already."]}
