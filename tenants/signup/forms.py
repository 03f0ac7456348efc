"""The sign-up form and the form that finds one's chains."""

import uuid
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.shared.countries import COUNTRIES
from tenants.provisioning.checks import MAX_NAME_LENGTH
from tenants.signup.address_names import MAX_LENGTH, pinyin_syllables
from tenants.signup.services import MAX_EMAIL_LENGTH

MAX_PASSWORD_LENGTH = 256


class SignUpForm(forms.Form):
    token = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name of your chain or salon"), max_length=MAX_NAME_LENGTH)
    address = forms.CharField(label=_("Address"), required=False, max_length=200)
    # The last proposal, to tell it from what was typed.
    proposed = forms.CharField(widget=forms.HiddenInput, required=False)
    country = forms.ChoiceField(label=_("Country or region"))
    email = forms.EmailField(label=_("Your e-mail"), max_length=MAX_EMAIL_LENGTH)
    password = forms.CharField(label=_("Password"), max_length=MAX_PASSWORD_LENGTH, strip=False)

    def __init__(self, *args: Any, accepted: str = "", **kwargs: Any) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), "country": guess_country(accepted), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        fields = self.fields
        fields["name"].widget.attrs.update(autocomplete="organization", autofocus=True)
        fields["name"].widget.attrs.update(_htmx_attributes("#address", "#id_address, #id_proposed"))
        fields["address"].widget.attrs.update(
            autocomplete="off", autocapitalize="none", spellcheck="false", maxlength=MAX_LENGTH
        )
        fields["address"].widget.attrs.update(_htmx_attributes("#address-status", ""))
        choices = [(code, str(country.name)) for code, country in COUNTRIES.items()]
        choices.sort(key=lambda choice: pinyin_syllables(choice[1]))
        fields["country"].choices = choices  # type: ignore[attr-defined]
        fields["country"].help_text = _("Sets currency, time zone, language and the privacy law that holds.")
        fields["email"].widget = forms.EmailInput(attrs={"autocomplete": "username"})
        fields["password"].widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
        fields["password"].help_text = _(
            "At least 10 characters; nothing that many people use, nothing like your e-mail."
        )


class FinderForm(forms.Form):
    email = forms.EmailField(label=_("Your e-mail"), max_length=MAX_EMAIL_LENGTH)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})


def _htmx_attributes(target: str, include: str) -> dict[str, str]:
    """Return htmx attributes that check the address while it is typed; the form works without them."""
    return {
        "hx-get": reverse("sign-up-address"),
        "hx-trigger": "input changed delay:300ms",
        "hx-target": target,
        "hx-include": include or "this",
        "hx-sync": "closest form:replace",
        "hx-swap": "outerHTML",
    }


def guess_country(accepted: str) -> str:
    """Return the first region we serve in an Accept-Language header such as `en-GB,en;q=0.9`."""
    for part in accepted.split(","):
        region = part.split(";")[0].strip().rpartition("-")[2].upper()
        if region in COUNTRIES and "-" in part:
            return region
    return "CN" if (get_language() or "").startswith("zh") else "US"
