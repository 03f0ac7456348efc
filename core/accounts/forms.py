"""django-allauth's forms in our words."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["login"], _("E-mail"))
        _plain(self.fields["password"], _("Password"))
        # It says where a forgotten password goes, which the page says itself.
        self.fields["password"].help_text = ""


class ForgottenPasswordForm(ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["email"], _("E-mail"))


def _plain(field: Any, label: object) -> None:
    """A label beside the field needs no second one in it."""
    field.label = label
    field.widget.attrs.pop("placeholder", None)
