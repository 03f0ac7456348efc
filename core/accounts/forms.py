"""Sign-in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.accounts import throttle


class SignInForm(AuthenticationForm):
    # One answer for a wrong password, an unknown and an inactive user: it does not tell which addresses are known.
    error_messages = {
        "invalid_login": _(
            "No user of this chain has this e-mail and password. Check both; capitals count in the password."
        ),
        "braked": _("Too many failed attempts. Wait a quarter of an hour, then try again."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        username, password = self.fields["username"], self.fields["password"]
        username.label = _("E-mail")
        username.widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
        password.label = _("Password")

    def clean(self) -> dict[str, Any]:
        email = self.cleaned_data.get("username")
        if not email or self.request is None:
            return super().clean()
        if throttle.is_braked(self.request, email):
            raise ValidationError(self.error_messages["braked"], code="braked")
        try:
            cleaned = super().clean()
        except ValidationError:
            throttle.record_failure(self.request, email)
            raise
        throttle.forget_failures(self.request, email)
        return cleaned
