from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.stores.forms import date_field
from core.stores.models import Store


class GroupForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the group"),
        max_length=100,
        help_text=gettext_lazy("A franchisee or a pilot, for example."),
    )


class JoiningForm(forms.Form):
    """Which stores join a group, and from when to when."""

    stores = forms.MultipleChoiceField(
        label=gettext_lazy("Stores"), required=False, widget=forms.CheckboxSelectMultiple
    )
    everything = forms.BooleanField(required=False)
    joined_on = date_field(
        gettext_lazy("Joined on"),
        required=False,
        help_text=gettext_lazy("Leave it empty if they have always been in the group."),
    )
    left_on = date_field(
        gettext_lazy("Left on"),
        required=False,
        help_text=gettext_lazy("The first day they are no longer in it. Leave it empty if they still are."),
    )

    def __init__(self, offered: list[Store], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.offered = [store.code for store in offered]
        choices = [(store.code, f"{store.code} · {store.name}") for store in offered]
        self.fields["stores"].choices = choices  # type: ignore[attr-defined]

    @property
    def codes(self) -> list[str]:
        return self.offered if self.cleaned_data["everything"] else self.cleaned_data["stores"]


class LeavingForm(forms.Form):
    left_on = date_field(gettext_lazy("Left on"), required=False)
    members = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, members: list[int], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["members"].choices = [(pk, pk) for pk in members]  # type: ignore[attr-defined]
