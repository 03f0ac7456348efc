"""What most deserves attention: where fewer clients come back than chance explains, and what that is worth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.followup.absence import absence_of
from core.followup.overdue import overdue_counts
from core.followup.worklist import entries, in_state
from core.overview.cards import asked_of
from core.reporting.answers import beside, report_of
from core.reporting.compare.change import Changes, shown_changes
from core.reporting.data import Data
from core.reporting.grouped_counts import grouped_counts
from core.reporting.metrics.units import REVENUE
from core.reporting.question import Question
from core.reporting.render import links
from core.reporting.report import Report
from core.shared import figures
from core.stores.models import Store
from core.visits.services.visits import local_today

MOST = 3


@dataclass(frozen=True)
class Item:
    """`money` in hundredths of the chain's currency, for the order; `size` says it in words."""

    title: str
    reason: str
    size: str
    url: str
    money: float


def attention(question: Question, data: Data, *, follows_up: bool) -> list[Item]:
    """At most three, the costliest first: what chance does not explain, and where most is at stake with clients who are
    overdue (for whoever may follow up)."""
    asked = replace(asked_of(question, "repurchase_rate"), by="store", visible=None)
    report, changes = report_of(asked, data, ranked=True), shown_changes(asked, data)
    worth = _worth_of_coming_back(question, data)
    items = [
        *_stores(question, report, changes, worth),
        *_new_clients(question, data),
        *_stale(question, data),
        *(_overdue(question) if follows_up else ()),
    ]
    return sorted(items, key=lambda item: -item.money)[:MOST]


def _worth_of_coming_back(question: Question, data: Data) -> float:
    """What a client who came back paid more in the period than one who did not; 0 where it is less."""
    counts = grouped_counts(replace(asked_of(question, "repeat_revenue_share"), visible=None), data).total().counts
    back, once = counts["repeat_clients"], counts["clients"] - counts["repeat_clients"]
    if not back or not once:
        return 0.0
    paid_once = (counts["net_revenue"] - counts["repeat_revenue"]) / once
    return max(0.0, counts["repeat_revenue"] / back - paid_once)


def _stores(question: Question, report: Report, changes: Changes, worth: float) -> list[Item]:
    """Below what their clients give to expect, or below what they were themselves; the larger of both counts."""
    visible = _visible_codes(question)
    page = links.store_pages(asked_of(question, "repurchase_rate"))
    items = []
    for group in report.groups:
        if visible is not None and group.key not in visible:
            continue
        short, reason = max(_below_expected(report, group.key), _fallen(changes, group.key, group.clients))
        if short < 1:
            continue
        size = ngettext(
            "%(clients)s client short, about %(money)s in revenue",
            "%(clients)s clients short, about %(money)s in revenue",
            round(short),
        )
        values = {"clients": figures.count(round(short)), "money": REVENUE.text(short * worth)}
        url = page(group.key) + "&back=no#clients"
        items.append(Item(group.label, reason, size % values, url, short * worth))
    return items


def _visible_codes(question: Question) -> set[str] | None:
    if question.visible is None:
        return None
    return set(Store.objects.filter(pk__in=question.visible).values_list("code", flat=True))


def _below_expected(report: Report, key: str) -> tuple[float, str]:
    """How many clients too few came back, and the reason; 0 within chance."""
    funnel = report.funnel
    if funnel is None or not funnel.positions.get(key, "inside").startswith("below"):
        return 0.0, ""
    store = funnel.stores[key]
    text = _("%(observed)s clients came back, about %(expected)s were expected from clients like these.")
    values = {"observed": figures.count(store.observed), "expected": figures.count(round(store.expected))}
    return store.expected - store.observed, text % values


def _fallen(changes: Changes, key: str, clients: int) -> tuple[float, str]:
    change = changes.of(key)
    if changes.periods is None or not change.is_beyond_chance or change.change is None or change.change > 0:
        return 0.0, ""
    text = _("The repurchase rate is %(points)s points lower than in %(period)s.")
    values = {"points": figures.points(-change.change).lstrip("+"), "period": changes.periods.before.label}
    return -change.change * clients, text % values


def _new_clients(question: Question, data: Data) -> list[Item]:
    """Fewer than in the period before, beyond chance."""
    asked = asked_of(question, "volumes")
    changes = shown_changes(asked, data)
    both = beside(asked, changes.periods, data)
    if both is None:
        return []
    after, before = both.after.counts["new_clients"], both.before.counts["new_clients"]
    fewer, average = before - after, both.after.figure("average_client") or 0
    if fewer <= both.half_intervals.get("new_clients", fewer):
        return []
    reason = _("%(after)s new clients, down from %(before)s in %(period)s.")
    size = ngettext(
        "%(clients)s client fewer, about %(money)s in revenue",
        "%(clients)s clients fewer, about %(money)s in revenue",
        round(fewer),
    )
    return [
        Item(
            _("Fewer new clients"),
            reason % {"after": figures.count(after), "before": figures.count(before), "period": both.label},
            size % {"clients": figures.count(fewer), "money": REVENUE.text(fewer * average)},
            reverse("reports:overview", args=["volumes"]) + links.query(asked, by="store")
            if question.visible is None
            else reverse("stores:regions") + links.query(asked_of(question, "repurchase_rate"), by="city_tier"),
            fewer * average,
        )
    ]


def _overdue(question: Question) -> list[Item]:
    """Of the stores with most clients overdue, the one where those not contacted yet spent most in the last year."""
    stores = Store.objects.all() if question.visible is None else Store.objects.filter(pk__in=question.visible)
    known = {store.pk: store for store in stores}
    today = {pk: local_today(store) for pk, store in known.items()}
    counts = overdue_counts(list(known.values()), today=today)
    most = sorted(counts, key=lambda pk: (-counts[pk], pk))[:MOST]
    items = [_overdue_at(known[pk], today[pk]) for pk in most if counts[pk]]
    return sorted((item for item in items if item.money), key=lambda item: -item.money)[:1]


def _overdue_at(store: Store, today: date) -> Item:
    listed = in_state(entries(absence_of(store, today=today).clients, today=today), "open")
    spent = 100 * float(sum(entry.absent.spent for entry in listed))
    size = ngettext(
        "%(clients)s client, who spent %(money)s in the last twelve months",
        "%(clients)s clients, who spent %(money)s in the last twelve months",
        len(listed),
    )
    return Item(
        store.name,
        _("Clients past their usual interval whom nobody has contacted yet."),
        size % {"clients": figures.count(len(listed)), "money": REVENUE.text(spent)},
        reverse("followup:store", args=[store.code]),
        spent,
    )


def _stale(question: Question, data: Data) -> list[Item]:
    """Stores whose data is behind the others': their figures cannot be told."""
    visible = _visible_codes(question)
    codes: Sequence[str] = [code for code in data.completeness.stale_stores if visible is None or code in visible]
    if not codes:
        return []
    names = dict(Store.objects.filter(code__in=codes).values_list("code", "name"))
    shown = ", ".join(names.get(code, code) for code in codes[:MOST])
    text = _("The data of these stores ends more than 14 days before the others’: %(stores)s.")
    size = _("%(count)s stores left out of the return rate") % {"count": figures.count(len(codes))}
    return [Item(_("Store data out of date"), text % {"stores": shown}, size, reverse("stores:list"), 0.0)]
