"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.audit.actions import SubjectKind
from core.clients.models import Client


class Kind(SubjectKind):
    CLIENT = "client", _("Client")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "birth_date": _("Birth date"),
    "gender": _("Gender"),
    "backup_phone": _("Backup phone"),
    "wechat": _("WeChat"),
    "occupation": _("Occupation"),
    "education": _("Education"),
    "joined_on": _("Record opened on"),
    "referrer": _("Referred by"),
    "ref_store": _("Store that numbers it"),
}
FIELD_CHOICES = {"gender": Client.Gender}
