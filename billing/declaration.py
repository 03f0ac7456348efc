"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import right
from core.accounts.sections import Section
from core.audit.actions import AuditAction

MANAGE_BILLING = right("manage_billing", _("Choose the plan, pay, see invoices"), place=16)
RIGHTS = (MANAGE_BILLING,)
SECTIONS = (Section("billing", _("Plan and billing"), "billing:account", MANAGE_BILLING, place=8),)


class Action(AuditAction):
    PLAN_ASKED = "plan.asked", _("Change of plan or payment asked for")
    PLAN_AGREED = "plan.agreed", _("Plan agreed with the platform")
    FAPIAO_CHANGED = "plan.fapiao_changed", _("Invoice details changed")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "plan": _("Plan"),
    "interval": _("Interval"),
    "currency": _("Currency"),
    "title": _("Title (抬头)"),
    "taxpayer": _("Taxpayer number (纳税人识别号)"),
    "bank": _("Bank (开户银行)"),
}
EXPENSIVE_REQUESTS = {
    **dict.fromkeys(("GET console:billing_revenue_export", "GET console:billing_fapiao_export"), "files"),
    "GET billing:upcoming": "services",
    "GET billing:invoice-pdf": "services",
    "POST billing:subscribe": "services",
    "POST billing:portal": "services",
    "GET billing:change": "services",
    "POST billing:change": "services",
    "POST billing:cancellation": "services",
    "POST billing:cancellation-withdrawal": "services",
}
CLOSED_TO_OPERATORS = (
    "billing:subscribe",
    "billing:portal",
    "billing:change",
    "billing:cancellation",
    "billing:cancellation-withdrawal",
    "billing:fapiao",
)
# An unpaid chain can pay.
ALLOWED_WHILE_READ_ONLY = CLOSED_TO_OPERATORS
