"""M1, the repurchase rate: of clients with a day in the period, those with two or more."""

from typing import ClassVar

import numpy as np
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.reporting.cells import Cells, Tally
from core.reporting.counting import FirstDays, Flags, Selection
from core.reporting.metrics.base import Estimate, Figure, Metric
from core.reporting.periods import Period
from core.reporting.places import Places
from core.reporting.question import Question
from core.reporting.statistics.proportions import wilson
from core.shared import figures


def _by_staff(question: Question) -> bool:
    return question.by == "staff"


def _of_chain(question: Question) -> bool:
    return question.scope == "chain"


class RepurchaseRate(Metric):
    code = "repurchase_rate"
    slug = "repurchase"
    version = 2
    kind = "proportion"
    title = gettext_lazy("Repurchase rate")
    value_title = gettext_lazy("Rate")
    clients_title = gettext_lazy("Who came back")
    json_value = "rate"
    counts: ClassVar[tuple[str, ...]] = (
        "clients",
        "repeat_clients",
        "repeat_same_store",
        "repeat_same_tier",
        "repeat_same_staff",
    )
    proportion = ("repeat_clients", "clients")
    figures = (
        Figure("repeat_clients", gettext_lazy("Came back"), clients_filter="yes"),
        Figure(
            "repeat_same_store", gettext_lazy("Back at the same store"), gettext_lazy("Same store"), shown=_of_chain
        ),
        Figure(
            "repeat_same_tier",
            gettext_lazy("Back at another store of the same city tier"),
            gettext_lazy("Same tier"),
            shown=_of_chain,
        ),
        Figure("repeat_elsewhere", gettext_lazy("Back elsewhere"), gettext_lazy("Elsewhere"), shown=_of_chain),
        Figure(
            "repeat_same_staff",
            gettext_lazy("Back with the same person"),
            gettext_lazy("Same person"),
            applies=_by_staff,
        ),
    )
    definition = (
        gettext_lazy(
            "Clients with two or more days in the period, of all clients with one or more. Two visits on one date "
            "count as one day, at whatever stores. A visit has at least one line that is no return."
        ),
        gettext_lazy(
            "Scope chain: each client counts once, belongs to the store of the first visit in the period, and comes "
            "back with any later day, at any store. Same store: each client counts once in each store visited."
        ),
        gettext_lazy(
            "Visits: every day with a visit counts. Purchases: only days on which something was paid for, not days "
            "wholly paid from a card."
        ),
        gettext_lazy(
            "Intervals are Wilson’s, at 95 %. Below 30 clients a rate is marked as a small sample and never ranked."
        ),
        gettext_lazy(
            "Adjusted rates compare like with like: category of the first service, new or returning, and the third of "
            "the period of the first visit."
        ),
        gettext_lazy(
            "The rate favours whoever came early in the period: a client met in its last week has had a week to come "
            "back."
        ),
    )

    def columns(self, selection: Selection) -> set[str]:
        return {selection.stream.next_location} | ({"staff_next"} if selection.dimension == "staff" else set())

    def may_keep(self, selection: Selection) -> bool:  # noqa: ARG002
        return True

    def tally(self, first: FirstDays, selection: Selection, places: Places) -> Tally:
        repeats = self.came_back(first, selection)
        back = np.flatnonzero(repeats)
        here, there = first.location_id[back], first.next_location_id[back]
        same_store, same_tier, same_staff = np.zeros((3, len(repeats)), np.bool_)
        same_store[back] = places.store[here] == places.store[there]
        same_tier[back] = ~same_store[back] & (places.tier[here] > 0) & (places.tier[here] == places.tier[there])
        if selection.dimension == "staff":
            same_staff = repeats & (first.column("staff_next") < first.days_left)
        return {
            "clients": np.ones(len(repeats), np.bool_),
            "repeat_clients": repeats,
            "repeat_same_store": same_store,
            "repeat_same_tier": same_tier,
            "repeat_same_staff": same_staff,
        }

    def came_back(self, first: FirstDays, selection: Selection) -> Flags:  # noqa: ARG002
        return np.asarray(first.gap < first.days_left)

    def estimate(self, cells: Cells, within: int | None) -> Estimate:  # noqa: ARG002
        sums = {name: int(cells[name].sum()) for name in self.counts}
        clients, repeats = sums["clients"], sums["repeat_clients"]
        elsewhere = repeats - sums["repeat_same_store"] - sums["repeat_same_tier"]
        return Estimate(
            clients=clients,
            value=repeats / clients if clients else None,
            ci95=wilson(repeats, clients),
            counts={**sums, "repeat_elsewhere": elsewhere},
        )

    def summary(self, question: Question) -> str:
        if question.basis == "purchase":
            return _("Clients with two or more purchase days in the period, of all who bought.")
        return _("Clients with two or more visit days in the period, of all who came.")

    def headline(self, question: Question, total: Estimate, period: Period) -> str:
        texts = {
            ("chain", "visit"): ngettext(
                "of {clients} client came back {period} <span>(95 % interval {interval})</span>.",
                "of {clients} clients came back {period} <span>(95 % interval {interval})</span>.",
                total.clients,
            ),
            ("chain", "purchase"): ngettext(
                "of {clients} client who bought did so again {period} <span>(95 % interval {interval})</span>.",
                "of {clients} clients who bought did so again {period} <span>(95 % interval {interval})</span>.",
                total.clients,
            ),
            ("store", "visit"): _(
                "of {clients} clients, counted once a store, came back to the same store {period} "
                "<span>(95 % interval {interval})</span>."
            ),
            ("store", "purchase"): _(
                "of {clients} clients who bought, counted once a store, did so again at the same store {period} "
                "<span>(95 % interval {interval})</span>."
            ),
        }
        return format_html(
            texts[question.scope, question.basis],
            clients=figures.count(total.clients),
            period=period.phrase,
            interval=figures.interval(total.ci95),
        )
