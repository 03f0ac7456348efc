"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.accounts.rights import Role

# Of the fields that the trail tells of.
FIELD_WORDS = {
    "role": _("Role"),
    "name": pgettext_lazy("of a person or a thing", "Name"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "language": _("Language"),
    "devices": _("Devices"),
    "requires_second_factor": _("Two-step sign-in for everyone"),
}
FIELD_CHOICES = {"role": dict(Role.choices)}
EXPENSIVE_REQUESTS = dict.fromkeys(
    (
        "POST account_login",
        "POST account_reauthenticate",
        "POST account_change_password",
        "POST account_set_password",
        "POST account_reset_password_from_key",
    ),
    "passwords",
)
ALLOWED_WHILE_READ_ONLY = (
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_reset_password",
    "account_reset_password_from_key",
    "mfa_authenticate",
    "mfa_reauthenticate",
)
