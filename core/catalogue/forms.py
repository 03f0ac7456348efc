from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.catalogue.models import Service, ServiceCategory


class ServiceForm(forms.Form):
    code = forms.CharField(
        label=_("Service code"), max_length=100, help_text=_("Files that name the former code still mean this service.")
    )
    name = forms.CharField(label=pgettext_lazy("of a person or a thing", "Name"), max_length=200)
    category = forms.CharField(
        label=_("Category"),
        max_length=100,
        widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
        help_text=_("One that is not there yet is added."),
    )
    price = forms.DecimalField(label=_("Price"), max_digits=14, decimal_places=2, min_value=0, required=False)
    duration_min = forms.IntegerField(label=_("Duration in minutes"), min_value=0, max_value=1440, required=False)
    interval_days = forms.IntegerField(
        label=_("Days until the next visit is due"), min_value=0, max_value=3650, required=False
    )

    @staticmethod
    def initial_of(service: Service) -> dict[str, Any]:
        names = ("code", "name", "price", "duration_min", "interval_days")
        return {**{name: getattr(service, name) for name in names}, "category": service.category.name}


class CategoryForm(forms.Form):
    name = forms.CharField(
        label=pgettext_lazy("of a person or a thing", "Name"),
        max_length=100,
        help_text=_("Files that name it as before still mean this category."),
    )

    @staticmethod
    def initial_of(category: ServiceCategory) -> dict[str, Any]:
        return {"name": category.name}
