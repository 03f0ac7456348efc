"""Details for Chinese fapiao (发票, official tax invoices): saved per account, exported with a month's invoices.

The fapiao itself is issued in the tax authority's system, outside Stripe.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.declaration import Action
from billing.models import Account, Invoice
from core.accounts.models import User
from core.audit.trail import record
from core.shared.chain import outside_chain
from core.shared.errors import AppError
from core.shared.spreadsheets import csv_line
from tenants.life.ownership import audit_subject, require_owner
from tenants.models import Chain

Kind = Literal["general", "special"]
# 普通发票 and 增值税专用发票; only the latter lets the buyer deduct the tax.
GENERAL: Kind = "general"
SPECIAL: Kind = "special"
# Column titles of the tax system in which the fapiao is issued.
COLUMNS = {
    "kind": "发票类型",
    "title": "发票抬头",
    "taxpayer": "纳税人识别号",
    "address": "注册地址",
    "phone": "注册电话",
    "bank": "开户银行",
    "account": "银行账号",
    "email": "收票邮箱",
}
KINDS = {GENERAL: "普通发票", SPECIAL: "增值税专用发票"}
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, kw_only=True)
class Fapiao:
    """Fapiao details of a buyer; address, phone, bank and account are required for a special fapiao only."""

    kind: Kind
    title: str
    taxpayer: str = ""
    address: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""
    email: str

    @classmethod
    def from_json(cls, stored: Mapping[str, str]) -> "Fapiao":
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in names})  # type: ignore[arg-type]

    def check(self) -> dict[str, str]:
        """Return the error message of each invalid field."""
        problems = {}
        if not self.title.strip():
            problems["title"] = _("Give the title as it is registered.")
        if self.taxpayer and not is_taxpayer_number(self.taxpayer):
            problems["taxpayer"] = _("This is no taxpayer number: 15, 18 or 20 characters, as on the business licence.")
        if self.kind == SPECIAL:
            problems |= {
                name: _("A special fapiao needs this.")
                for name in ("taxpayer", "address", "phone", "bank", "account")
                if not getattr(self, name).strip()
            }
        return problems


def is_taxpayer_number(text: str) -> bool:
    """Validate a taxpayer number.

    18 characters: unified social credit code (GB 32100) or identity card, each with a check character;
    20: identity card plus two digits; 15: the older form without a check character.
    """
    if len(text) == 18:
        return _is_credit_code(text) or _is_identity_card(text)
    if len(text) == 20:
        return _is_identity_card(text[:18]) and text[18:].isdecimal()
    return re.fullmatch(r"[0-9A-Z]{15}", text) is not None


def _is_credit_code(text: str) -> bool:
    if any(letter not in _LETTERS for letter in text):
        return False
    total = sum(_LETTERS.index(letter) * weight for letter, weight in zip(text[:17], _WEIGHTS, strict=True))
    return _LETTERS.index(text[17]) == -total % 31


def _is_identity_card(text: str) -> bool:
    """Validate an identity card number by its check character (ISO 7064, MOD 11-2)."""
    if re.fullmatch(r"[0-9]{17}[0-9X]", text) is None:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == text[17]


def save_fapiao(chain: Chain, fapiao: Fapiao, *, acting_user: User) -> None:
    """Save the chain's fapiao details. Call inside the chain. Raises AppError: not an owner, an invalid field."""
    require_owner(acting_user)
    for field, message in fapiao.check().items():
        raise AppError("fapiao_invalid", message, field=field)
    with transaction.atomic():
        with outside_chain():
            account = Account.objects.select_for_update().filter(chain=chain).first()
            if account is None:
                raise AppError("no_account", _("This chain has no plan and pays nothing here."), status=404)
            before, account.fapiao = account.fapiao or {}, asdict(fapiao)
            account.save(update_fields=["fapiao"])
        after, subject = account.fapiao, audit_subject(chain)
        record(action=Action.FAPIAO_CHANGED, acting_user=acting_user, subject=subject, before=before, after=after)


def export_fapiao(*, year: int, month: int) -> Iterator[str]:
    """Yield CSV lines of invoices paid in a UTC month, for chains with fapiao details.

    Selected by payment date, so that each invoice belongs to one month for good. Call outside any chain.
    """
    start = datetime(year, month, 1, tzinfo=UTC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    invoices = (
        Invoice.objects.filter(paid_at__gte=start, paid_at__lt=end, status="paid", amount_paid__gt=0)
        .exclude(account__fapiao=None)
        .select_related("account__chain")
        .order_by("paid_at", "id")
    )
    yield "\N{BYTE ORDER MARK}"
    yield csv_line(["chain", "invoice", "date", "currency", "paid", "refunded", *COLUMNS.values()])
    for invoice in invoices.iterator(chunk_size=500):
        fapiao = {**(invoice.account.fapiao or {})}
        fapiao["kind"] = KINDS.get(fapiao.get("kind", ""), "")
        paid = [invoice.amount_paid, invoice.amount_refunded]
        yield csv_line(
            [
                invoice.account.chain.name,
                invoice.number,
                invoice.created_at.date().isoformat(),
                invoice.currency,
                *(f"{amount // 100}.{amount % 100:02}" for amount in paid),
                *(fapiao.get(name, "") for name in COLUMNS),
            ]
        )
