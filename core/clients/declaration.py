"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.audit.actions import SubjectKind
from core.clients.models import Client
from core.shared.file_fields import Field, FileFields, Value, required


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
            required(CLIENT_REF),
            Field(
                "name",
                pgettext_lazy("of a person or a thing", "Name"),
                max_length=150,
                headings="client_name customer_name full_name 姓名 客户姓名 顾客姓名 会员姓名",
            ),
            Field(
                "phone", _("Phone"), max_length=40, headings="mobile telephone phone_number 电话 手机 手机号 联系电话"
            ),
            Field("backup_phone", _("Backup phone"), max_length=40, headings="phone_2 second_phone 备用电话 备用手机"),
            Field("gender", _("Gender"), Value.GENDER, headings="sex 性别"),
            Field("birth_date", _("Birth date"), Value.BIRTH_DATE, headings="birthday date_of_birth dob 生日 出生日期"),
            Field(
                "store_code",
                _("Store code"),
                Value.CODE,
                max_length=64,
                headings=(
                    "store store_id store_no shop shop_code branch branch_code location_code "
                    "门店 门店编号 门店编码 门店代码 店铺 "
                    "店铺编号 分店 店号 归属门店 开卡门店"
                ),
            ),
            Field(
                "joined_on",
                _("Record opened on"),
                Value.DATE,
                headings="joined join_date registered_on 入会日期 注册日期 建档日期 开卡日期",
            ),
            Field(
                "referrer_ref",
                _("Referred by (client number)"),
                Value.CODE,
                max_length=100,
                headings="referrer referred_by 推荐人 推荐人编号 介绍人",
            ),
            Field("wechat", _("WeChat"), max_length=100, headings="wechat_id 微信 微信号"),
            Field("email", _("E-mail"), max_length=254, headings="e_mail mail 邮箱 电子邮箱"),
            Field("occupation", _("Occupation"), max_length=100, headings="job profession 职业"),
            Field("education", _("Education"), max_length=100, headings="degree 学历"),
        ),
    ),
)
