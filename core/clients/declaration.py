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
FIELD_WORDS = {"birthday": _("Birthday"), "referrer": _("Referred by"), "ref_store": _("Store that numbers it")}
GENDER_WORDS = {
    **dict.fromkeys(["f", "w", "woman", "girl", "lady", "ms", "ms.", "mrs", "mrs.", "miss"], Client.Gender.FEMALE),
    **dict.fromkeys(["女", "女性", "女士", "女生", "女孩", "女客", "小姐", "太太", "夫人"], Client.Gender.FEMALE),
    **dict.fromkeys(["m", "man", "boy", "mr", "mr.", "gentleman"], Client.Gender.MALE),
    **dict.fromkeys(["男", "男性", "男士", "男生", "男孩", "男客", "先生"], Client.Gender.MALE),
    **dict.fromkeys(["o", "x", "non-binary", "nonbinary", "diverse", "其他", "其它"], Client.Gender.OTHER),
    **dict.fromkeys(["unknown", "unspecified", "undisclosed", "not known", "not specified"], ""),
    **dict.fromkeys(["prefer not to say", "rather not say", "不愿透露", "保密", "未知", "不详"], ""),
    **dict.fromkeys(["未填", "未填写", "未设置"], ""),
}
# A number is of the store that counts so, also where that is merged into another.
STAYS_WHEN_MERGED = ("clients.Client.ref_store",)
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
