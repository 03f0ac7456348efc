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
FIELD_WORDS = {
    "referrer": _("Referred by"),
    "ref_store": _("Store that numbers it"),
}
GENDER_WORDS = {
    "f": Client.Gender.FEMALE, "woman": Client.Gender.FEMALE, "w": Client.Gender.FEMALE,
    "女": Client.Gender.FEMALE, "女性": Client.Gender.FEMALE, "女士": Client.Gender.FEMALE,
    "m": Client.Gender.MALE, "man": Client.Gender.MALE,
    "男": Client.Gender.MALE, "男性": Client.Gender.MALE, "先生": Client.Gender.MALE,
    "o": Client.Gender.OTHER, "x": Client.Gender.OTHER, "其他": Client.Gender.OTHER,
    "unknown": "", "未知": "", "保密": "",
}  # fmt: skip
CLIENT_REF = Field(
    "client_ref",
    _("Client number"),
    Value.CODE,
    max_length=100,
    headings=(
        "client client_id client_no client_number client_code customer customer_id customer_no "
        "customer_number customer_code member_no member_id card_no "
        "客户 客户编号 客户编码 客户号 顾客编号 顾客号 会员编号 会员号 "
        "会员卡号 卡号"
    ),
)
FILE_FIELDS = (
    FileFields(
        "clients",
        (
            replace(CLIENT_REF, required=True, column="ref"),
            model_field(
                Client,
                "name",
                label=NAME,
                headings="client_name customer_name full_name 姓名 客户姓名 顾客姓名 会员姓名",
            ),
            model_field(Client, "phone", headings="mobile telephone phone_number 电话 手机 手机号 联系电话"),
            model_field(Client, "backup_phone", headings="phone_2 second_phone 备用电话 备用手机"),
            model_field(Client, "wechat", headings="wechat_id 微信 微信号"),
            model_field(Client, "email", headings="e_mail mail 邮箱 电子邮箱"),
            model_field(Client, "gender", synonyms=GENDER_WORDS, headings="sex 性别"),
            model_field(
                Client, "birth_date", value=Value.BIRTH_DATE, headings="birthday date_of_birth dob 生日 出生日期"
            ),
            model_field(Client, "occupation", headings="job profession 职业"),
            model_field(Client, "education", headings="degree 学历"),
            replace(STORE_CODE, headings=f"{STORE_CODE.headings} 归属门店 开卡门店"),
            model_field(
                Client, "joined_on", headings="joined join_date registered_on 入会日期 注册日期 建档日期 开卡日期"
            ),
            Field(
                "referrer_ref",
                _("Referred by (client number)"),
                Value.CODE,
                max_length=100,
                headings="referrer referred_by 推荐人 推荐人编号 介绍人",
            ),
        ),
    ),
)
