"""Billing at the operators' console: figures with the rows behind them, events handled again, exports."""

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.utils import timezone

from billing.models import Account, Invoice, RevenueChange, StripeEvent
from billing.webhooks.events import store_events
from tenants.console.models import OperatorAction
from tests.plugins.chains import ChainClient, outside_chains
from tests.plugins.console import at_console
from tests.plugins.salons import text_of

REVENUE, EVENTS = "/billing/revenuechange/", "/billing/stripeevent/"
LISTS = [REVENUE, f"{REVENUE}?kind__exact=new", "/billing/account/", "/billing/invoice/", EVENTS]


@pytest.fixture
def furnished(account: Account) -> Account:
    """Pays ¥398.00 a month since last month, of which an invoice failed at first."""
    before = timezone.now() - timedelta(days=40)
    Account.objects.filter(pk=account.pk).update(
        status="active", plan="chain", quantity=2, currency="CNY", monthly_amount=398_00, subscription_id="sub_1",
        customer_id="cus_1",
    )  # fmt: skip
    RevenueChange.objects.create(
        account=account, subscription_id="sub_1", at=before, kind="new", currency="CNY", before=0, after=199_00
    )
    RevenueChange.objects.create(
        account=account, subscription_id="sub_1", at=timezone.now(), kind="expansion", currency="CNY", before=199_00,
        after=398_00,
    )  # fmt: skip
    Invoice.objects.create(
        id="in_1", account=account, number="A-1", status="paid", currency="CNY", total=199_00, amount_paid=199_00,
        attempts=2, created_at=before, paid_at=before,
    )  # fmt: skip
    created = int(timezone.now().timestamp())
    store_events(
        {
            "id": f"evt_{n}",
            "type": "invoice.paid",
            "created": created,
            "data": {"object": {"customer": "cus_1", "n": "<b>"}},
        }
        for n in range(3)
    )
    return account


def test_the_figures(furnished: Account, console_client: ChainClient) -> None:
    said = text_of(console_client.get(REVENUE))
    for text in ("a month now: ¥398.00", "¥199.00", "Monthly revenue", "Invoices and payments", "Trials"):
        assert text in said


def cells(answer: Any, *columns: str) -> list[str]:
    """Of the only row of a list."""
    page = answer.content.decode()
    return [
        re.sub("<[^>]+>", "", found).strip()
        for column in columns
        for found in re.findall(rf"<t[dh][^>]*field-{column}\b.*?</t[dh]>", page, re.DOTALL)
    ]


def test_lists_say_in_words_what_stripe_says_in_codes(furnished: Account, console_client: ChainClient) -> None:
    Account.objects.filter(pk=furnished.pk).update(interval="year")
    Invoice.objects.filter(pk="in_1").update(status="uncollectible")
    assert cells(console_client.get("/billing/account/"), "plan", "interval") == ["Chain", "yearly"]
    chosen = console_client.get("/billing/invoice/?status__exact=uncollectible")
    assert cells(chosen, "status") == ["given up"]


def test_each_figure_leads_to_the_rows_it_is_made_of(furnished: Account, console_client: ChainClient) -> None:
    context = console_client.get(REVENUE).context
    currency = context["currencies"][0]
    links = [currency["now"]]
    for rows in (currency["movements"], currency["payments"], context["trials"]):
        links += [cell for _month, cells in rows for cell in cells]
    for text, link in dict.fromkeys(links):
        assert bool(link) == (text != "–")
        if link:
            page = console_client.get(link)
            assert page.status_code == 200, link
            assert page.context["cl"].result_count > 0, (text, link)


def test_the_rows_behind_a_months_revenue_sum_to_it(furnished: Account, console_client: ChainClient) -> None:
    (currency,) = console_client.get(REVENUE).context["currencies"]
    seen = set()
    for _month, cells in currency["movements"]:
        for text, link in (cells[0], cells[-1]):
            rows = console_client.get(link).context["cl"].queryset if link else []
            with outside_chains():
                total = sum(change.after - change.before for change in rows)
            assert text == (f"¥{total / 100:.2f}" if total else "–")
            seen.add(total)
    assert seen == {0, 199_00, 398_00}


def test_the_accounts_behind_a_months_trials_are_as_many(
    furnished: Account, other_account: Account, console_client: ChainClient
) -> None:
    """One pays, the other could still decide."""
    _month, cells = console_client.get(REVENUE).context["trials"][0]
    assert [text for text, _link in cells] == ["2", "1", "1", "100.0\N{NO-BREAK SPACE}%"]
    for (_text, link), many in zip(cells, (2, 1, 1, 1), strict=True):
        assert console_client.get(link).context["cl"].result_count == many, link


def test_where_nobody_pays(account: Account, console_client: ChainClient) -> None:
    assert "Nobody pays yet" in text_of(console_client.get(REVENUE))


def test_the_figures_as_a_file(furnished: Account, console_client: ChainClient) -> None:
    response = console_client.get(f"{REVENUE}export/")
    rows = list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 13
    last = rows[-1]
    assert (last["currency"], last["mrr_begin"], last["expansion"], last["mrr_end"]) == (
        "CNY",
        "19900",
        "19900",
        "39800",
    )
    assert sum(int(row["recovered"]) for row in rows) == 199_00
    with outside_chains():
        assert OperatorAction.objects.filter(what="Exported the figures of revenue").exists()


def test_the_fapiao_of_a_month(furnished: Account, console_client: ChainClient) -> None:
    with outside_chains():
        Account.objects.filter(pk=furnished.pk).update(
            fapiao={"kind": "general", "title": "上海美丽", "email": "a@b.c"}
        )
    month = f"{timezone.now() - timedelta(days=40):%Y-%m}"
    response = console_client.get(f"{REVENUE}fapiao/{month}/")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "上海美丽" in text
    assert "A-1" in text
    for wrong in ("2026-13", "x", "0-1"):
        assert console_client.get(f"{REVENUE}fapiao/{wrong}/").status_code == 400


def test_events_are_shown_and_handled_again(furnished: Account, console_client: ChainClient) -> None:
    with outside_chains():
        StripeEvent.objects.update(handled_at=timezone.now())
        StripeEvent.objects.filter(pk="evt_1").update(handled_at=None, problem="Stripe: APIConnectionError", attempts=4)
    assert "APIConnectionError" in text_of(console_client.get(f"{EVENTS}?state=problem"))
    page = console_client.get(f"{EVENTS}evt_0/change/").content.decode()
    assert "&quot;customer&quot;: &quot;cus_1&quot;" in page
    assert "&lt;b&gt;" in page
    response = console_client.post(f"{EVENTS}evt_0/handle/")
    assert response.status_code == 302
    with outside_chains():
        assert set(StripeEvent.objects.filter(handled_at=None).values_list("pk", flat=True)) == {"evt_0", "evt_1"}
        assert OperatorAction.objects.filter(what="Handled Stripe event evt_0 again").exists()
    assert console_client.get(f"{EVENTS}evt_0/handle/").status_code == 405
    assert console_client.post(f"{EVENTS}evt_9/handle/").status_code == 404


def test_the_page_of_a_row_says_the_same_as_the_list(furnished: Account, console_client: ChainClient) -> None:
    for page, texts in {
        "account/1": ("Subscriptions / sub_1", "¥398.00", "active"),
        "invoice/in_1": ("Invoices / A-1", "¥199.00", "Acme Beauty", "paid"),
        "stripeevent/evt_0": ("Stripe events / invoice.paid evt_0", "cus_1"),
    }.items():
        answer = console_client.get(f"/billing/{page.replace('account/1', f'account/{furnished.pk}')}/change/")
        for text in texts:
            assert text in text_of(answer), (page, text)
        assert "/history/" not in answer.content.decode()


def test_nothing_can_be_changed_by_hand(furnished: Account, console_client: ChainClient) -> None:
    for model, pk in (("account", furnished.pk), ("invoice", "in_1"), ("stripeevent", "evt_0")):
        page = f"/billing/{model}/{pk}/"
        assert console_client.get(f"{page}change/").status_code == 200
        assert console_client.post(f"{page}change/", {"status": "canceled"}).status_code == 403
        assert console_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
        assert console_client.get(f"/billing/{model}/add/").status_code == 403


def test_nobody_else_comes_in(furnished: Account, console_client: ChainClient) -> None:
    for page in [*LISTS, f"{REVENUE}export/", f"{REVENUE}fapiao/2026-01/", f"{EVENTS}evt_0/handle/"]:
        response = at_console().post(page) if page.endswith("handle/") else at_console().get(page)
        assert response.status_code == 302
        assert "/sign-in/" in response.headers["Location"]
    chain_user = ChainClient(headers={"host": "acme.localhost"})
    for page in LISTS:
        assert chain_user.get(page).status_code in {302, 404}


@pytest.mark.parametrize("page", LISTS)
def test_bounded_queries(
    furnished: Account,
    other_account: Account,
    console_client: ChainClient,
    page: str,
    django_assert_max_num_queries: Any,
) -> None:
    with django_assert_max_num_queries(16):
        assert console_client.get(page).status_code == 200
