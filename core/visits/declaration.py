"""What this app brings to the rest of the product."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.audit.actions import AuditAction, SubjectKind
from core.clients.declaration import CLIENT_REF
from core.shared.file_fields import Field, FileFields, Value, model_field
from core.stores.declaration import STORE_CODE
from core.visits.models import VisitLine

RECORD_VISITS = right(
    "record_visits", _("Record visits"), Role.HQ, Role.REGIONAL_MANAGER, Role.STORE_MANAGER, Role.FRONT_DESK, place=4
)
RIGHTS = (RECORD_VISITS,)


class Action(AuditAction):
    VISIT_RECORDED = "visit.recorded", _("Visit recorded")
    VISIT_MOVED = "visit.moved", _("Visit moved")
    VISIT_VOIDED = "visit.voided", _("Visit voided")
    VISIT_CORRECTED = "visit.corrected", _("Lines of a visit corrected")


class Kind(SubjectKind):
    VISIT = "visit", _("Visit")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "client": _("Client"),
    "day": _("Day"),
    "start_time": _("Time"),
    "lines": _("Lines"),
    "voided": _("Void"),
}
LINE_KIND_WORDS = {
    "": VisitLine.Kind.SERVICE,
    "services": VisitLine.Kind.SERVICE, "服务": VisitLine.Kind.SERVICE, "项目": VisitLine.Kind.SERVICE,
    "products": VisitLine.Kind.PRODUCT, "retail": VisitLine.Kind.PRODUCT,
    "产品": VisitLine.Kind.PRODUCT, "商品": VisitLine.Kind.PRODUCT,
    "card sale": VisitLine.Kind.CARD_SALE, "card": VisitLine.Kind.CARD_SALE, "售卡": VisitLine.Kind.CARD_SALE,
    "办卡": VisitLine.Kind.CARD_SALE, "充值": VisitLine.Kind.CARD_SALE, "卡项": VisitLine.Kind.CARD_SALE,
}  # fmt: skip
FILE_FIELDS = (
    FileFields(
        "visits",
        (
            replace(CLIENT_REF, column="client"),
            Field(
                "started_at",
                _("Date, or date and time"),
                Value.DATE_TIME,
                required=True,
                headings=(
                    "date visit_date start_time started datetime date_time time transaction_date "
                    "日期 时间 到店时间 到店日期 消费时间 "
                    "消费日期 交易时间 交易日期 开单时间 服务日期"
                ),
            ),
            Field(
                "amount",
                _("Amount paid (net)"),
                Value.MONEY,
                required=True,
                headings="net net_amount total paid sales 金额 实收 实收金额 实付金额 消费金额 净额",
            ),
            STORE_CODE,
            Field(
                "visit_ref",
                _("Receipt number"),
                Value.CODE,
                max_length=100,
                column="ref",
                headings=(
                    "visit visit_id receipt receipt_no receipt_number order order_no order_id ticket invoice bill_no "
                    "单号 订单号 订单编号 小票号 流水号 消费单号"
                ),
            ),
            Field(
                "service_code",
                _("Service code"),
                Value.CODE,
                max_length=100,
                headings="service_id sku 项目编号 项目编码 服务编号 服务编码",
            ),
            Field(
                "item",
                _("Item by name"),
                Value.CODE,
                max_length=100,
                headings=(
                    "item_name service service_name description product "
                    "项目 项目名称 服务 服务项目 服务名称 商品名称 消费项目"
                ),
            ),
            Field("category", _("Category"), max_length=100, headings="service_category cate 类别 分类 品类 项目类别"),
            model_field(
                VisitLine,
                "kind",
                label=_("Kind of line: service, product or card sale"),
                synonyms=LINE_KIND_WORDS,
                headings="line_kind line_type 类型 行类型",
            ),
            Field("quantity", _("Quantity"), Value.QUANTITY, headings="qty units count 数量 次数"),
            Field(
                "staff_code",
                _("Staff code"),
                Value.CODE,
                max_length=64,
                headings=(
                    "staff staff_id staff_no employee employee_no stylist therapist "
                    "员工编号 员工 工号 技师 技师编号 发型师 服务人员"
                ),
            ),
            model_field(
                VisitLine,
                "duration_min",
                label=_("Duration in minutes"),
                headings="duration minutes 时长 分钟 服务时长",
            ),
            model_field(VisitLine, "rating", value=Value.RATING, headings="score stars 评分 评价 满意度"),
            model_field(VisitLine, "paid_by_card", headings="card_payment prepaid 耗卡 卡扣 划卡 储值支付"),
        ),
    ),
)
