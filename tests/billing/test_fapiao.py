"""What a fapiao names: checked, kept, exported."""

import csv
from datetime import UTC, datetime

import pytest
from django_tenants.utils import tenant_context
from hypothesis import given
from hypothesis import strategies as st

from billing.fapiao import Fapiao, export_fapiao, is_taxpayer_number, save_fapiao
from billing.models import Account, Invoice
from core.accounts.models import User
from core.audit.models import AuditEntry
from core.shared.errors import AppError
from tests.billing.conftest import Payer
from tests.plugins.chains import outside_chains
from tests.plugins.salons import text_of

GENERAL = {"kind": "general", "title": "悦颜美容有限公司", "email": "fp@acme.test"}
SPECIAL = {
    **GENERAL, "kind": "special", "taxpayer": "91350100M000100Y43", "address": "上海市南京路 1 号", "phone": "021-5555",
    "bank": "工商银行", "account": "6222 0200",
}  # fmt: skip


def credit_code(body: str) -> str:
    """With its check character, worked out by the table of GB 32100 rather than by our code."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(letters.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return body + letters[(31 - total % 31) % 31]


def identity_card(body: str) -> str:
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def test_numbers_that_there_are() -> None:
    assert is_taxpayer_number("91350100M000100Y43")
    assert is_taxpayer_number("110108562144110")


@pytest.mark.parametrize(
    "text", ["", "1", "91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43", "A" * 20, "110108-62144110"]
)
def test_numbers_that_there_are_not(text: str) -> None:
    assert not is_taxpayer_number(text)


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_one_wrong_character_is_found(body: str, place: int, data: st.DataObject) -> None:
    right = credit_code(body)
    assert is_taxpayer_number(right)
    other = data.draw(st.sampled_from([c for c in "0123456789ABCDEFGHJKLMNPQRTUWXY" if c != body[place]]))
    wrong = right[:place] + other + right[place + 1 :]
    if not (wrong[:17].isdecimal() and identity_card(wrong[:17]) == wrong):
        assert not is_taxpayer_number(wrong)


@given(st.text("0123456789", min_size=17, max_size=17), st.text("0123456789", min_size=2, max_size=2))
def test_a_persons_number_is_the_identity_card_with_two_digits_or_without(body: str, two: str) -> None:
    card = identity_card(body)
    assert is_taxpayer_number(card)
    assert is_taxpayer_number(card + two)
    wrong = card[:-1] + ("0" if card[-1] != "0" else "1")
    assert not is_taxpayer_number(wrong + two)


@pytest.mark.parametrize("field", ["taxpayer", "address", "phone", "bank", "account"])
def test_a_special_one_needs_everything(field: str) -> None:
    assert Fapiao(**SPECIAL).check() == {}  # type: ignore[arg-type]
    assert set(Fapiao(**{**SPECIAL, field: ""}).check()) == {field}  # type: ignore[arg-type]
    assert Fapiao(**GENERAL).check() == {}  # type: ignore[arg-type]


def test_the_owner_fills_it_in(payer: Payer) -> None:
    assert "Fapiao (发票)" in text_of(payer.get())
    response = payer.post("fapiao/", **{**SPECIAL, "taxpayer": "9135 0100 m000 100y 43"})
    assert response.status_code == 302, response.context["form"].errors
    assert payer.account.fapiao == SPECIAL
    assert "悦颜美容有限公司" in text_of(payer.get())
    assert AuditEntry.objects.get(action="plan.fapiao_changed").after["title"] == "悦颜美容有限公司"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("taxpayer", "123"),
        ("bank", ""),
        ("email", "no address"),
        ("kind", "other"),
        ("title", "x" * 101),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(payer: Payer, field: str, value: str) -> None:
    response = payer.post("fapiao/", **{**SPECIAL, field: value})
    assert response.status_code == 400
    assert response.context["form"].errors[field]
    assert payer.account.fapiao is None


def test_the_service_refuses_others_and_what_is_wrong(payer: Payer, hq_user: User, owner: User) -> None:
    chain = payer.account.chain
    with tenant_context(chain):
        with pytest.raises(AppError) as refused:
            save_fapiao(chain, Fapiao(**GENERAL), acting_user=hq_user)  # type: ignore[arg-type]
        assert refused.value.status == 403
        with pytest.raises(AppError) as refused:
            save_fapiao(chain, Fapiao(**{**SPECIAL, "bank": ""}), acting_user=owner)  # type: ignore[arg-type]
        assert refused.value.field == "bank"
    assert payer.account.fapiao is None


def test_there_is_none_outside_china(payer: Payer) -> None:
    with outside_chains():
        chain = payer.account.chain
        chain.country = "DE"
        chain.save()
    assert payer.get("fapiao/").status_code == 404
    assert "Fapiao" not in text_of(payer.get())


def test_the_invoices_of_a_month_with_what_their_fapiao_name(account: Account, other_account: Account) -> None:
    def invoice(number: str, of: Account, day: datetime, **fields: object) -> None:
        about = {"status": "paid", "currency": "CNY", "total": 597_05, "amount_paid": 597_05, "paid_at": day, **fields}
        Invoice.objects.create(id=f"in_{number}", number=number, account=of, created_at=day, **about)

    Account.objects.filter(pk=account.pk).update(fapiao={**SPECIAL, "title": "=SUM(A1)"})
    invoice("A", account, datetime(2026, 12, 1, tzinfo=UTC))
    invoice("B", account, datetime(2026, 12, 31, 23, 59, tzinfo=UTC), amount_refunded=100)
    invoice("C", account, datetime(2027, 1, 1, tzinfo=UTC))
    invoice("D", account, datetime(2026, 12, 5, tzinfo=UTC), status="open", amount_paid=0, paid_at=None)
    # Paid after its first try had failed, when the month before had been exported already.
    invoice("F", account, datetime(2026, 11, 28, tzinfo=UTC), paid_at=datetime(2026, 12, 9, tzinfo=UTC))
    invoice("G", account, datetime(2026, 12, 28, tzinfo=UTC), paid_at=datetime(2027, 1, 9, tzinfo=UTC))
    invoice("E", other_account, datetime(2026, 12, 5, tzinfo=UTC))
    text = "".join(export_fapiao(year=2026, month=12))
    rows = list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))
    assert [row["invoice"] for row in rows] == ["A", "F", "B"]
    first = rows[0]
    assert (first["chain"], first["paid"], first["发票类型"]) == ("Acme Beauty", "597.05", "增值税专用发票")
    # No spreadsheet takes it for a formula.
    assert first["发票抬头"] == "'=SUM(A1)"
    assert rows[2]["refunded"] == "1.00"
