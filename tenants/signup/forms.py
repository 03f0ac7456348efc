"""The sign-up form, and the one that asks for one's chains."""

import uuid
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.shared.countries import COUNTRIES
from tenants.provisioning.checks import LONGEST_NAME
from tenants.signup.names import LONGEST, syllables
from tenants.signup.services import LONGEST_EMAIL

LONGEST_PASSWORD = 256


class SignUpForm(forms.Form):
    token = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name of your chain or salon"), max_length=LONGEST_NAME)
    address = forms.CharField(label=_("Address"), required=False, max_length=200)
    # What was proposed last, to tell it from what someone has typed.
    proposed = forms.CharField(widget=forms.HiddenInput, required=False)
    country = forms.ChoiceField(label=_("Country or region"))
    email = forms.EmailField(label=_("Your e-mail"), max_length=LONGEST_EMAIL)
    password = forms.CharField(label=_("Password"), max_length=LONGEST_PASSWORD, strip=False)

    def __init__(self, *args: Any, accepted: str = "", **kwargs: Any) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), "country": guessed_country(accepted), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        fields = self.fields
        fields["name"].widget.attrs.update(autocomplete="organization", autofocus=True)
        fields["name"].widget.attrs.update(_asks("#address", "#id_address, #id_proposed"))
        fields["address"].widget.attrs.update(
            autocomplete="off", autocapitalize="none", spellcheck="false", maxlength=LONGEST
        )
        fields["address"].widget.attrs.update(_asks("#address-status", ""))
        choices = [(code, str(country.name)) for code, country in COUNTRIES.items()]
        choices.sort(key=lambda choice: syllables(choice[1]))
        fields["country"].choices = choices  # type: ignore[attr-defined]
        fields["country"].help_text = _("Sets currency, time zone, language and the privacy law that holds.")
        fields["email"].widget = forms.EmailInput(attrs={"autocomplete": "username"})
        fields["password"].widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
        fields["password"].help_text = _(
            "At least 10 characters; nothing that many people use, nothing like your e-mail."
        )


class FinderForm(forms.Form):
    email = forms.EmailField(label=_("Your e-mail"), max_length=LONGEST_EMAIL)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})


def _asks(target: str, include: str) -> dict[str, str]:
    """What makes a field ask for the address's state while it is typed in; the form works without."""
    return {
        "hx-get": reverse("sign-up-address"),
        "hx-trigger": "input changed delay:300ms",
        "hx-target": target,
        "hx-include": include or "this",
        "hx-sync": "closest form:replace",
        "hx-swap": "outerHTML",
    }


def guessed_country(accepted: str) -> str:
    """From what the browser says of its languages (`en-GB,en;q=0.9`): the first region that we serve."""
    for part in accepted.split(","):
        region = part.split(";")[0].strip().rpartition("-")[2].upper()
        if region in COUNTRIES and "-" in part:
            return region
    return "CN" if (get_language() or "").startswith("zh") else "US"
