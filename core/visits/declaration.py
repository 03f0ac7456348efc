"""What this app brings to the rest of the product."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.audit.actions import AuditAction, SubjectKind
from core.clients.declaration import CLIENT_REF, GENDER_WORDS
from core.clients.models import Client
from core.shared.file_fields import Field, FileFields, Value, model_field
from core.stores.declaration import STORE_CODE
from core.visits.models import VisitLine

RECORD_VISITS = right(
    "record_visits", _("Record visits"), Role.HQ, Role.REGIONAL_MANAGER, Role.STORE_MANAGER, Role.FRONT_DESK, place=5
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
    "class": VisitLine.Kind.SERVICE, "classes": VisitLine.Kind.SERVICE,
    "products": VisitLine.Kind.PRODUCT, "retail": VisitLine.Kind.PRODUCT, "physical good": VisitLine.Kind.PRODUCT,
    "产品": VisitLine.Kind.PRODUCT, "商品": VisitLine.Kind.PRODUCT,
    "card sale": VisitLine.Kind.CARD_SALE, "card": VisitLine.Kind.CARD_SALE, "售卡": VisitLine.Kind.CARD_SALE,
    "package": VisitLine.Kind.CARD_SALE, "packages": VisitLine.Kind.CARD_SALE,
    "membership": VisitLine.Kind.CARD_SALE, "memberships": VisitLine.Kind.CARD_SALE,
    "gift card": VisitLine.Kind.CARD_SALE, "gift cards": VisitLine.Kind.CARD_SALE,
    "gift certificate": VisitLine.Kind.CARD_SALE, "gift certificates": VisitLine.Kind.CARD_SALE,
    "办卡": VisitLine.Kind.CARD_SALE, "充值": VisitLine.Kind.CARD_SALE, "卡项": VisitLine.Kind.CARD_SALE,
}  # fmt: skip
FILE_FIELDS = (
    FileFields(
        "visits",
        (
            replace(CLIENT_REF, column="client"),
            Field("started_at", _("Date, or date and time"), Value.DATE_TIME, required=True),
            Field("start_time", _("Time of day"), Value.TIME),
            Field("amount", _("Amount paid (net)"), Value.MONEY, essential=True),
            Field("unit_price", _("Price of one, where no column has the amount"), Value.MONEY, essential=True),
            STORE_CODE,
            Field("visit_ref", _("Receipt number"), Value.CODE, max_length=100, column="ref"),
            Field("service_code", _("Service code"), Value.CODE, max_length=100),
            Field("item", _("Item by name"), Value.CODE, max_length=100),
            Field("category", _("Category"), max_length=100),
            model_field(
                VisitLine,
                "kind",
                label=_("Kind of line: service, product or card sale"),
                synonyms=LINE_KIND_WORDS,
                essential=True,
            ),
            Field("quantity", _("Quantity"), Value.QUANTITY),
            Field("staff_code", _("Staff code"), Value.CODE, max_length=64),
            model_field(VisitLine, "duration_min", label=_("Duration in minutes"), value=Value.MINUTES),
            model_field(VisitLine, "rating", value=Value.RATING),
            model_field(VisitLine, "paid_by_card", essential=True),
            Field("payment_method", _("How it was paid"), essential=True, max_length=100),
            Field("status", _("Status: completed, cancelled …"), essential=True, max_length=100),
            Field("cancelled", _("Cancelled: yes or no"), essential=True, max_length=100),
            Field("refunded", _("Given back: yes or no"), essential=True, max_length=100),
            Field("refund", _("Amount given back"), Value.MONEY),
            Field("tip", _("Tip"), Value.MONEY),
            Field("tax", _("Tax"), Value.MONEY),
            Field("discount", _("Discount"), Value.MONEY),
            Field("client_name", _("Client’s name")),
            Field("first_name", _("Client’s first name")),
            Field("last_name", _("Client’s last name")),
            Field("client_phone", _("Client’s phone"), max_length=50),
            replace(
                model_field(Client, "gender", label=_("Client’s sex"), synonyms=GENDER_WORDS),
                name="client_gender",
                column="",
            ),
            Field("client_birth_date", _("Client’s birthday"), Value.BIRTH_DATE),
        ),
    ),
)
