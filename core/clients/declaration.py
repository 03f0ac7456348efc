"""What this app brings to the rest of the product."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from core.audit.actions import SubjectKind
from core.clients.models import Client
from core.shared.file_fields import NAME, Field, FileFields, Value, model_field
from core.stores.declaration import STORE_CODE


class Kind(SubjectKind):
    CLIENT = "client", _("Client")


# Of the fields that the trail tells of.
FIELD_WORDS = {"referrer": _("Referred by"), "ref_store": _("Store that numbers it")}
GENDER_WORDS = {
    "f": Client.Gender.FEMALE, "woman": Client.Gender.FEMALE, "w": Client.Gender.FEMALE,
    "女": Client.Gender.FEMALE, "女性": Client.Gender.FEMALE, "女士": Client.Gender.FEMALE,
    "m": Client.Gender.MALE, "man": Client.Gender.MALE,
    "男": Client.Gender.MALE, "男性": Client.Gender.MALE, "先生": Client.Gender.MALE,
    "o": Client.Gender.OTHER, "x": Client.Gender.OTHER, "其他": Client.Gender.OTHER,
    "unknown": "", "未知": "", "保密": "",
}  # fmt: skip
CLIENT_REF = Field("client_ref", _("Client number"), Value.CODE, max_length=100)
FILE_FIELDS = (
    FileFields(
        "clients",
        (
            replace(CLIENT_REF, required=True, column="ref"),
            model_field(Client, "name", label=NAME),
            Field("first_name", _("First name")),
            Field("last_name", _("Last name")),
            model_field(Client, "phone"),
            model_field(Client, "backup_phone"),
            model_field(Client, "wechat"),
            model_field(Client, "email"),
            model_field(Client, "gender", synonyms=GENDER_WORDS),
            model_field(Client, "birth_date", value=Value.BIRTH_DATE),
            model_field(Client, "occupation"),
            model_field(Client, "education"),
            STORE_CODE,
            model_field(Client, "joined_on"),
            Field("referrer_ref", _("Referred by (client number)"), Value.CODE, max_length=100),
        ),
    ),
)
