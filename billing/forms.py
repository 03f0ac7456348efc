from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing import plans
from billing.fapiao import GENERAL, SPECIAL, Fapiao
from billing.orders import Order
from billing.plans import CHAIN, CURRENCIES, PLANS

INTERVALS = [("month", pgettext_lazy("paid", "monthly")), ("year", pgettext_lazy("paid", "yearly"))]


class PriceForm(forms.Form):
    stores = forms.IntegerField(label=_("Stores"), min_value=1, max_value=CHAIN.max_stores)
    interval = forms.ChoiceField(label=pgettext_lazy("prices", "Paid"), choices=INTERVALS)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stores"].widget.attrs["inputmode"] = "numeric"


class OrderForm(forms.Form):
    choice = forms.ChoiceField(
        label=_("Plan"), choices=[(f"{plan}.{interval}", plan) for plan in PLANS for interval in plans.INTERVALS]
    )
    stores = forms.IntegerField(
        label=_("Stores"),
        min_value=1,
        max_value=CHAIN.max_stores,
        help_text=_("Solo is for one. Stores that are paid for but not open are given back within a day, as a credit."),
    )
    currency = forms.ChoiceField(choices=[(code, code) for code in CURRENCIES], required=False)

    def stores_or(self, otherwise: int) -> int:
        """The number of stores that the field shows, as far as it is one."""
        shown = str(self["stores"].value() or "")
        return int(shown) if shown.isdecimal() and len(shown) < 9 and 1 <= int(shown) <= CHAIN.max_stores else otherwise

    @property
    def order(self) -> Order:
        plan, interval = self.cleaned_data["choice"].split(".")
        return Order.parse(plan, interval, self.cleaned_data["stores"])


FOR_SPECIAL = _("For a special fapiao alone.")


class FapiaoForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(GENERAL, _("general (普通发票)")), (SPECIAL, _("special, to deduct the tax (增值税专用发票)"))],
    )
    title = forms.CharField(label=_("Title (抬头)"), max_length=100)
    taxpayer = forms.CharField(
        label=_("Taxpayer number (纳税人识别号)"),
        max_length=40,
        required=False,
        help_text=_("A company's fapiao needs it; a person's does not."),
    )
    address = forms.CharField(
        label=_("Registered address (注册地址)"), max_length=200, required=False, help_text=FOR_SPECIAL
    )
    phone = forms.CharField(
        label=_("Registered phone (注册电话)"), max_length=40, required=False, help_text=FOR_SPECIAL
    )
    bank = forms.CharField(label=_("Bank (开户银行)"), max_length=100, required=False, help_text=FOR_SPECIAL)
    account = forms.CharField(
        label=_("Account number (银行账号)"), max_length=40, required=False, help_text=FOR_SPECIAL
    )
    email = forms.EmailField(label=_("Send it to (收票邮箱)"))

    def clean_taxpayer(self) -> str:
        return str(self.cleaned_data["taxpayer"]).replace(" ", "").upper()

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            for field, message in self.fapiao.check().items():
                self.add_error(field, message)
        return self.cleaned_data

    @property
    def fapiao(self) -> Fapiao:
        return Fapiao(**self.cleaned_data)
