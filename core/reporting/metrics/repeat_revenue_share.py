"""M4, revenue from repeat clients: what clients who repeat in the period paid in it, of what all known clients paid."""

from collections.abc import Sequence

import numpy as np
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.reporting.cells import Cells
from core.reporting.counting import Selection
from core.reporting.facts.binary_copy import Columns
from core.reporting.history import History, HistoryCounting
from core.reporting.metrics.base import Beside, DetailCell, DetailTable, Estimate, Figure, Metric
from core.reporting.metrics.units import PRICE, REVENUE
from core.reporting.periods import Period
from core.reporting.question import Question
from core.shared import figures


class RepeatRevenueShare(HistoryCounting, Metric):
    code = "repeat_revenue_share"
    slug = "repeat-revenue"
    version = 2
    kind = "share"
    title = gettext_lazy("Revenue from repeat clients")
    value_title = gettext_lazy("Share of revenue")
    clients_title = gettext_lazy("Who came back")
    scopes = ("chain",)
    counts = ("clients", "repeat_clients", "net_revenue", "repeat_revenue")
    figures = (
        Figure("repeat_clients", gettext_lazy("Came back"), clients_filter="yes"),
        Figure("repeat_revenue", gettext_lazy("Revenue from them"), unit=REVENUE),
        Figure("net_revenue", gettext_lazy("Revenue from known clients"), unit=REVENUE),
    )
    definition = (
        gettext_lazy(
            "Net revenue in the period from clients who repeat in it, of the net revenue from all known clients. Lines "
            "without a client are in neither."
        ),
        gettext_lazy(
            "Clients repeat and belong to groups as in the repurchase rate of the chain: all of a client’s revenue "
            "counts in the client’s group."
        ),
        gettext_lazy("Net revenue is what lines not paid from a card come to, returns included, by the lines’ dates."),
        gettext_lazy("There is no share where the revenue is 0 or less."),
    )

    def columns(self, selection: Selection) -> set[str]:
        return super().columns(selection) | {"net_revenue"}

    def parts(self, history: History, selection: Selection) -> Sequence[Columns]:  # noqa: ARG002
        """A row for each client with a line in the period: also who only returned something changes the revenue."""
        leads = history.lead[history.lead >= 0]
        units = history.unit[leads]
        in_period = history.in_period
        revenue = np.bincount(history.unit[in_period], history.columns["net_revenue"][in_period], history.units).astype(
            np.int64
        )
        clients, repeats = np.zeros((2, history.units), np.int64)
        clients[history.unit[history.first]] = 1
        repeats[history.unit[history.first]] = history.repeats
        counts = {
            "clients": clients[units],
            "repeat_clients": repeats[units],
            "net_revenue": revenue[units],
            "repeat_revenue": (revenue * repeats)[units],
        }
        return [{**history.keys(leads), **counts}]

    def estimate(self, cells: Cells, within: int | None) -> Estimate:  # noqa: ARG002
        sums = {name: int(cells[name].sum()) for name in self.counts}
        whole = sums["net_revenue"]
        return Estimate(
            clients=sums["clients"],
            value=sums["repeat_revenue"] / whole if whole > 0 else None,
            ci95=None,
            counts=sums,
        )

    def tables(self, question: Question, total: Estimate, beside: Beside | None) -> list[DetailTable]:  # noqa: ARG002
        """Who came back beside who did not."""
        counts = total.counts
        back, revenue = counts["repeat_clients"], counts["repeat_revenue"]
        parts = [
            (_("Came back"), back, revenue),
            (_("Came once"), total.clients - back, counts["net_revenue"] - revenue),
        ]
        rows = [
            (
                title,
                [
                    _with_share(figures.count(clients), clients, total.clients),
                    _with_share(REVENUE.text(paid), paid, counts["net_revenue"]),
                    DetailCell(PRICE.text(paid / clients if clients else None)),
                ],
            )
            for title, clients, paid in parts
        ]
        headings = ["", _("Clients"), _("Net revenue"), _("Spend a client")]
        return [DetailTable(_("Who the revenue comes from"), headings, rows)]

    def summary(self, question: Question) -> str:
        if question.basis == "purchase":
            return _("Net revenue from clients with two or more purchase days in the period, of all known clients’.")
        return _("Net revenue from clients with two or more visit days in the period, of all known clients’.")

    def headline(self, question: Question, total: Estimate, period: Period) -> str:  # noqa: ARG002
        return format_html(
            _("of {revenue} from known clients {period} came from the {clients} who came back, {share} of all."),
            revenue=REVENUE.text(total.counts["net_revenue"]),
            period=period.phrase,
            clients=figures.count(total.counts["repeat_clients"]),
            share=figures.percent(total.counts["repeat_clients"] / total.clients if total.clients else None),
        )


def _with_share(text: str, part: int, whole: int) -> DetailCell:
    share = part / whole if whole > 0 and part >= 0 else None
    return DetailCell(text, note=figures.percent(share), bar=share)
