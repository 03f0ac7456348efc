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
FIELD_CHOICES = {"role": Role}
