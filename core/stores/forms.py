from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.shared.chain import chain_today
from core.shared.sentences import join_sentences
from core.stores.cities import Cities, short_name
from core.stores.models import City, Store
from core.stores.tiers import CITY_TIERS


def date_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def _is_taken(code: str, own: str) -> bool:
    """By another store, or by one that was merged into another; a code that it had before is its own."""
    return Store.known.filter(code=code).exclude(merged_into__code=own, is_former=True).exists()


class StoreForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Store code"), max_length=64, help_text=gettext_lazy("As your till or your files call it.")
    )
    name = forms.CharField(label=gettext_lazy("Name of the store"), max_length=200)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100)
    city_tier = forms.CharField(
        label=gettext_lazy("City tier"),
        max_length=50,
        required=False,
        help_text=gettext_lazy("Cities of mainland China are known: leave tier and region empty there."),
    )
    region = forms.CharField(label=gettext_lazy("Region"), max_length=100, required=False)
    opened_on = date_field(gettext_lazy("Opened on"), required=False)
    # Of the store itself, where it is there already.
    own_code = ""

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if code != self.own_code and _is_taken(code, self.own_code):
            raise forms.ValidationError(_("There is a store “%s” already.") % code)
        return code

    def clean(self) -> dict[str, Any]:
        """What is said of the city's tier and region, else what is known of the city."""
        values = self.cleaned_data
        if "city" not in values:
            return values
        cities = Cities()
        place = cities.place(values["city"], values.get("city_tier", ""), values.get("region", ""))
        if place is not None:
            values.update(asdict(place))
        else:
            sentences = [_("This city is not known: give its tier and region as well.")]
            if near := cities.near(values["city"]):
                sentences.append(_("Nearest known cities: %s.") % ", ".join(near))
            self.add_error("city", join_sentences(sentences))
        return values


class StoreEditForm(StoreForm):
    since = date_field(
        gettext_lazy("City and region hold from"),
        required=False,
        help_text=gettext_lazy("If the store moved. Leave it empty to correct what was entered wrongly."),
    )

    def __init__(self, store: Store, data: Mapping[str, Any] | None = None) -> None:
        initial = {**model_to_dict(store), **(model_to_dict(location) if (location := store.last_location) else {})}
        super().__init__(data, initial=initial)
        self.own_code = store.code

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("code", "name", "opened_on")}

    @property
    def place(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("city", "city_tier", "region")}


class CityPlaceForm(forms.Form):
    """What a city counts to. Tiers of the Chinese list go by their names in the reader's language."""

    tier = forms.CharField(
        label=gettext_lazy("City tier"), max_length=50, required=False, widget=forms.TextInput(attrs={"list": "tiers"})
    )
    region = forms.CharField(
        label=gettext_lazy("Region"), max_length=100, required=False, widget=forms.TextInput(attrs={"list": "regions"}),
        help_text=gettext_lazy("Of a city of mainland China, what you leave empty is as the built-in list has it."),
    )  # fmt: skip

    def clean_tier(self) -> str:
        by_label = {str(label): tier for tier, label in CITY_TIERS.items()}
        tier = str(self.cleaned_data["tier"])
        return by_label.get(tier, tier)


class CityForm(CityPlaceForm):
    name = forms.CharField(label=gettext_lazy("City"), max_length=100)
    field_order = ("name", "tier", "region")

    def clean_name(self) -> str:
        name = short_name(self.cleaned_data["name"])
        if City.objects.filter(name=name).exists():
            raise forms.ValidationError(_("“%s” is in your list already: change it there.") % name)
        return name


class ClosingForm(forms.Form):
    closed_on = date_field(gettext_lazy("Closed from"), initial=chain_today)
