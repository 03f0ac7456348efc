from typing import Any

from django import forms
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.staff.models import StaffMember
from core.stores.models import Store


class StaffForm(forms.Form):
    code = forms.CharField(
        label=_("Staff code"),
        max_length=64,
        help_text=_("Files that name the former code still mean this staff member."),
    )
    name = forms.CharField(label=_("Name"), max_length=150)
    store = forms.ModelChoiceField(
        label=_("Home store"),
        queryset=Store.objects.order_by("name", "pk"),
        help_text=_("Visits stay with the store where they took place."),
    )
    role = forms.CharField(label=pgettext_lazy("of a staff member", "Role"), max_length=100, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    hired_on = forms.DateField(
        label=_("Hired on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    @staticmethod
    def initial_of(member: StaffMember) -> dict[str, Any]:
        return model_to_dict(member)
