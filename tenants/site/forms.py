from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.site.price_list import CURRENCIES, MOST_STORES


class PriceForm(forms.Form):
    stores = forms.IntegerField(label=_("Stores"), min_value=1, max_value=MOST_STORES)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stores"].widget.attrs["inputmode"] = "numeric"
