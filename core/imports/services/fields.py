"""The fields that the columns of each kind of file can mean, and the headings they are recognised by."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from core.imports.models import Kind

LONGEST_HEADING = 200


class Value(Enum):
    """What the cells of a field hold."""

    TEXT = "text"
    CODE = "code"
    DATE = "date"
    BIRTH_DATE = "birth date"
    DATE_TIME = "date-time"
    MONEY = "money"
    QUANTITY = "quantity"
    INTEGER = "integer"
    RATING = "rating"
    FLAG = "flag"
    GENDER = "gender"
    LINE_KIND = "line kind"
    TIME_ZONE = "time zone"


@dataclass(frozen=True)
class Field:
    name: str
    value: Value = Value.TEXT
    required: bool = False
    max_length: int = 200
    headings: tuple[str, ...] = ()


def normal_heading(text: str) -> str:
    """Headings that differ in case, spaces, punctuation or width are the same; a longer text is none."""
    if len(text) > LONGEST_HEADING:
        return ""
    folded = unicodedata.normalize("NFKC", text).casefold().strip("\ufeff \t")
    return re.sub(r"[\W_]+", "_", folded).strip("_")


STORE = Field(
    "store_code", Value.CODE, max_length=64,
    headings=("store", "store_id", "store_no", "shop", "shop_code", "branch", "branch_code", "location_code",
              "门店", "门店编号", "门店编码", "门店代码", "店铺", "店铺编号", "分店", "店号"),
)  # fmt: skip
CLIENT_REF = Field(
    "client_ref", Value.CODE, max_length=100,
    headings=("client", "client_id", "client_no", "client_number", "client_code", "customer", "customer_id",
              "customer_no", "customer_number", "customer_code", "member_no", "member_id", "card_no",
              "客户", "客户编号", "客户编码", "客户号", "顾客编号", "顾客号", "会员编号", "会员号", "会员卡号", "卡号"),
)  # fmt: skip


def _required(field: Field) -> Field:
    return Field(field.name, field.value, required=True, max_length=field.max_length, headings=field.headings)


STORES = (
    _required(STORE),
    Field("name", required=True, headings=("store_name", "shop_name", "branch_name", "门店名称", "店名", "名称")),
    Field("city", required=True, max_length=100, headings=("town", "城市", "所在城市", "市")),
    Field("city_tier", max_length=50, headings=("tier", "city_level", "城市等级", "城市级别", "线级")),
    Field("region", max_length=100, headings=("area", "区域", "大区", "地区")),
    Field("opened_on", Value.DATE, headings=("opened", "opening_date", "open_date", "开业日期", "开店日期")),
    Field("time_zone", Value.TIME_ZONE, max_length=64, headings=("timezone", "tz", "时区")),
    Field("valid_from", Value.DATE, headings=("location_from", "生效日期")),
)
STAFF = (
    Field("staff_code", Value.CODE, required=True, max_length=64,
          headings=("staff", "staff_id", "staff_no", "employee", "employee_id", "employee_no", "stylist_code",
                    "员工编号", "员工工号", "工号", "技师编号", "员工号")),
    Field("name", required=True, max_length=150, headings=("staff_name", "employee_name", "姓名", "员工姓名", "技师姓名")),
    _required(STORE),
    Field("role", max_length=100, headings=("position", "job_title", "title", "职位", "岗位")),
    Field("phone", max_length=40, headings=("mobile", "telephone", "phone_number", "电话", "手机", "手机号", "联系电话")),
    Field("email", max_length=254, headings=("e_mail", "mail", "邮箱", "电子邮箱")),
    Field("hired_on", Value.DATE, headings=("hired", "hire_date", "start_date", "入职日期", "入职时间")),
)  # fmt: skip
SERVICES = (
    Field("service_code", Value.CODE, required=True, max_length=100,
          headings=("code", "service_id", "service_no", "sku", "项目编号", "项目编码", "服务编号", "服务编码")),
    Field("name", required=True, headings=("service_name", "service", "description", "desc", "项目名称", "服务名称", "项目")),
    Field("category", required=True, max_length=100, headings=("cate", "service_category", "group", "类别", "分类", "品类")),
    Field("price", Value.MONEY, headings=("list_price", "价格", "单价", "标价")),
    Field("duration_min", Value.INTEGER, headings=("duration", "minutes", "时长", "分钟", "服务时长")),
    Field("interval_days", Value.INTEGER, headings=("interval", "return_days", "间隔天数", "回访天数")),
)  # fmt: skip
CLIENTS = (
    _required(CLIENT_REF),
    Field("name", max_length=150, headings=("client_name", "customer_name", "full_name", "姓名", "客户姓名", "顾客姓名", "会员姓名")),
    Field("phone", max_length=40, headings=("mobile", "telephone", "phone_number", "电话", "手机", "手机号", "联系电话")),
    Field("backup_phone", max_length=40, headings=("phone_2", "second_phone", "备用电话", "备用手机")),
    Field("gender", Value.GENDER, headings=("sex", "性别")),
    Field("birth_date", Value.BIRTH_DATE, headings=("birthday", "date_of_birth", "dob", "生日", "出生日期")),
    Field("store_code", Value.CODE, max_length=64, headings=(*STORE.headings, "归属门店", "开卡门店")),
    Field("member_tier", Value.CODE, max_length=50, headings=("member_level", "membership", "tier", "会员等级", "会员级别")),
    Field("member_tier_from", Value.DATE, headings=("tier_since", "会员等级生效日期")),
    Field("joined_on", Value.DATE, headings=("joined", "join_date", "registered_on", "入会日期", "注册日期", "建档日期", "开卡日期")),
    Field("referrer_ref", Value.CODE, max_length=100, headings=("referrer", "referred_by", "推荐人", "推荐人编号", "介绍人")),
    Field("wechat", max_length=100, headings=("wechat_id", "微信", "微信号")),
    Field("email", max_length=254, headings=("e_mail", "mail", "邮箱", "电子邮箱")),
    Field("occupation", max_length=100, headings=("job", "profession", "职业")),
    Field("education", max_length=100, headings=("degree", "学历")),
)  # fmt: skip
VISITS = (
    CLIENT_REF,
    Field("started_at", Value.DATE_TIME, required=True,
          headings=("date", "visit_date", "start_time", "started", "datetime", "date_time", "time", "transaction_date",
                    "日期", "时间", "到店时间", "到店日期", "消费时间", "消费日期", "交易时间", "交易日期", "开单时间", "服务日期")),
    Field("amount", Value.MONEY, required=True,
          headings=("net", "net_amount", "total", "paid", "sales", "金额", "实收", "实收金额", "实付金额", "消费金额", "净额")),
    STORE,
    Field("visit_ref", Value.CODE, max_length=100,
          headings=("visit", "visit_id", "receipt", "receipt_no", "receipt_number", "order", "order_no", "order_id",
                    "ticket", "invoice", "bill_no", "单号", "订单号", "订单编号", "小票号", "流水号", "消费单号")),
    Field("service_code", Value.CODE, max_length=100,
          headings=("service_id", "sku", "项目编号", "项目编码", "服务编号", "服务编码")),
    Field("item", Value.CODE, max_length=100,
          headings=("item_name", "service", "service_name", "description", "product",
                    "项目", "项目名称", "服务", "服务项目", "服务名称", "商品名称", "消费项目")),
    Field("category", max_length=100, headings=("service_category", "cate", "类别", "分类", "品类", "项目类别")),
    Field("kind", Value.LINE_KIND, headings=("line_kind", "line_type", "类型", "行类型")),
    Field("quantity", Value.QUANTITY, headings=("qty", "units", "count", "数量", "次数")),
    Field("staff_code", Value.CODE, max_length=64,
          headings=("staff", "staff_id", "staff_no", "employee", "employee_no", "stylist", "therapist",
                    "员工编号", "员工", "工号", "技师", "技师编号", "发型师", "服务人员")),
    Field("duration_min", Value.INTEGER, headings=("duration", "minutes", "时长", "分钟", "服务时长")),
    Field("rating", Value.RATING, headings=("score", "stars", "评分", "评价", "满意度")),
    Field("paid_by_card", Value.FLAG, headings=("card_payment", "prepaid", "耗卡", "卡扣", "划卡", "储值支付")),
)  # fmt: skip

FIELDS: dict[str, tuple[Field, ...]] = {
    Kind.STORES: STORES,
    Kind.STAFF: STAFF,
    Kind.SERVICES: SERVICES,
    Kind.CLIENTS: CLIENTS,
    Kind.VISITS: VISITS,
}
