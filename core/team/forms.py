from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.accounts.rights import CHAIN_ROLES
from core.stores.models import Store
from core.stores.selectors import regions
from core.team.services.members import Scope


class PlaceForm(forms.Form):
    """A role, and the stores or regions it is for."""

    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, role.label) for role in CHAIN_ROLES])
    stores = forms.MultipleChoiceField(
        label=_("Stores"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For store managers, front desk and beauticians."),
    )
    regions = forms.MultipleChoiceField(
        label=_("Regions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For regional managers."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stores"].choices = [  # type: ignore[attr-defined]
            (code, f"{code} · {name}") for code, name in Store.objects.order_by("code").values_list("code", "name")
        ]
        self.fields["regions"].choices = [(region, region) for region in regions()]  # type: ignore[attr-defined]

    @property
    def scope(self) -> Scope:
        return Scope(stores=self.cleaned_data["stores"], regions=self.cleaned_data["regions"])


class InvitationForm(PlaceForm):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off", "autofocus": True})
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=150)
    field_order = ("email", "name", "role", "stores", "regions")


class JoinForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters."),
    )
