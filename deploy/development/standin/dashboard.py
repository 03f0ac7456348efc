"""The stand-in's own page: its customers, a clock to move, and what became of the events."""

from deploy.development.standin import clocks, deliveries, invoice_lines, payments, renewals
from deploy.development.standin.amounts import money
from deploy.development.standin.api import Reply
from deploy.development.standin.chinese import day, t
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import DELIVERY
from deploy.development.standin.markup import button, e, form_of, page, problem, redirect
from deploy.development.standin.object_fields import Json
from deploy.development.standin.params import Params
from deploy.development.standin.periods import DAY, minute
from deploy.development.standin.state import State, now
from deploy.development.standin.subscriptions import ENDED

_EVENTS_SHOWN = 50
_TOLD = (
    "Moving the time makes trials end, periods renew and failed payments be tried again; the application keeps its own."
)


def answer(state: State, site: str, method: str, body: str) -> Reply:
    wrong = ""
    if method == "POST":
        try:
            _act(state, form_of(body))
            return redirect("/")
        except ApiError as error:
            state.rollback()
            wrong = str(error)
    text = problem(wrong) + _clock(state) + _subscriptions(state) + _payments(state) + _events(state)
    return page(t("Stand-in for Stripe, for {site}", site=site), text, wide=True)


def _act(state: State, form: dict[str, str]) -> None:
    action = form.get("action", "")
    if action == "again":
        deliveries.again(state, form.get("event", ""))
    elif action == "dispute":
        payments.dispute(state, state.get("charge", form.get("charge", "")), "general")
    elif action == "renewal":
        subscription = state.get("subscription", form.get("subscription", ""))
        _advance(state, subscription, renewals.next_due(state, subscription) + 60)
    elif action in {"1", "15"}:
        named = state.find(form.get("subscription"))
        moment = now(state, named["customer"] if named else None)
        _advance(state, named, moment + int(action) * DAY)
    else:
        raise ApiError("Not understood.")


def _advance(state: State, subscription: Json | None, until: int) -> None:
    """On the test clock of its customer where it has one, else for all."""
    clock = subscription["test_clock"] if subscription else None
    if clock:
        clocks.advance(state, Params({"frozen_time": str(until)}), clock)
    else:
        clocks.move_global(state, until)


def _clock(state: State) -> str:
    told = t(_TOLD)
    text = f"<p>{e(t('It is {moment} here.', moment=minute(now(state))))} {e(told)}</p>"
    return f'{text}<form method="post">{button("1 day on", "1")}{button("15 days on", "15", quiet=True)}</form>'


def _subscriptions(state: State) -> str:
    rows = ""
    for subscription in reversed(state.seen("subscription")):
        customer = state.get("customer", subscription["customer"])
        item = subscription["items"]["data"][0]
        what = f"{item['quantity']} × {e(invoice_lines.product_name(state, item['price']))}"
        moves = ""
        if subscription["status"] not in ENDED:
            hidden = f'<input type="hidden" name="subscription" value="{e(subscription["id"])}">'
            choices = [("1 day on", "1"), ("to the next payment", "renewal"), ("15 days on", "15")]
            moves = "".join(button(label, action, quiet=True) for label, action in choices)
            moves = f'<form method="post">{hidden}{moves}</form>'
        period = day(item["current_period_end"])
        rows += f"<tr><td>{e(customer['name'] or customer['email'])}<br><code>{e(customer['id'])}</code></td>"
        rows += f"<td>{what}</td>"
        rows += f"<td>{e(t(subscription['status']))}</td><td>{period}</td><td>{moves}</td></tr>"
    if not rows:
        return f"<h2>{t('Subscriptions')}</h2><p>{t('None yet: subscribe in the application.')}</p>"
    return _table("Subscriptions", ("Customer", "Plan", "Status", "Period ends", "Move its time"), rows)


def _table(title: str, names: tuple[str, ...], rows: str) -> str:
    head = "".join(f"<th>{t(name)}</th>" if name else "<td></td>" for name in names)
    return f'<h2>{t(title)}</h2><div class="scroll"><table><tr>{head}</tr>{rows}</table></div>' if rows else ""


def _payments(state: State) -> str:
    rows = ""
    for charge in reversed(state.seen("charge")[-10:]):
        status = "disputed" if charge["disputed"] else charge["status"]
        act = ""
        if charge["paid"] and not charge["disputed"]:
            hidden = f'<input type="hidden" name="charge" value="{e(charge["id"])}">'
            act = f'<form method="post">{hidden}{button("Dispute", "dispute", quiet=True)}</form>'
        amount = e(money(charge["amount"], charge["currency"]))
        rows += f"<tr><td><code>{e(charge['id'])}</code></td><td>{day(charge['created'])}</td><td>{e(t(status))}</td>"
        rows += f"<td>{amount}</td><td>{act}</td></tr>"
    return _table("Payments", ("Charge", "Date", "Status", "Amount", ""), rows)


def _events(state: State) -> str:
    rows = ""
    for delivery in reversed(state.seen(DELIVERY)[-_EVENTS_SHOWN:]):
        event = state.get("event", delivery["event"])
        hidden = f'<input type="hidden" name="event" value="{e(event["id"])}">'
        act = f'<form method="post">{hidden}{button("Send again", "again", quiet=True)}</form>'
        rows += f'<tr><td class="when">{minute(event["created"])}</td><td>{e(event["type"])}</td>'
        rows += f"<td>{_became(delivery)}</td><td>{act}</td></tr>"
    return _table("Events", ("Time", "Event", "Delivery", ""), rows)


def _became(delivery: Json) -> str:
    if delivery["done"]:
        return f'<span class="good">{t("taken ({answer})", answer=delivery["answer"])}</span>'
    if delivery["attempts"]:
        answer = delivery["answer"] or t("no answer")
        told = t("not taken ({answer}), tried {times} times", answer=answer, times=delivery["attempts"])
        return f'<span class="bad">{told}</span>'
    return t("waiting")
