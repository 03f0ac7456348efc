"""M8, volumes: visits, days, clients, new clients, what was paid and consumed, averages and ratings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.reporting.cells import Cells, Tally
from core.reporting.counting import DIMENSION_COLUMNS, Counting, DaysOfPeriod, FirstDays, Selection
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import Block, mask_of
from core.reporting.facts.derivation import RATING_UNIT
from core.reporting.facts.reading import BlockReader
from core.reporting.history import History, HistoryCounting
from core.reporting.metrics.base import Beside, DetailCell, DetailTable, Estimate, Figure, Metric
from core.reporting.metrics.units import COUNT, PRICE, RATING, REVENUE, Unit
from core.reporting.periods import Period
from core.reporting.places import Places
from core.reporting.question import Question
from core.shared import figures

# The value of `is_new` of what is of no client.
_OF_NO_CLIENT = 2


class Volumes(HistoryCounting, Metric):
    code = "volumes"
    slug = "volumes"
    version = 2
    kind = "count"
    unit = COUNT
    title = gettext_lazy("Volumes")
    value_title = gettext_lazy("Visits")
    counts = (
        "clients",
        "new_clients",
        "visits",
        "visit_days",
        "net_revenue",
        "client_revenue",
        "consumed_value",
        "ratings",
        "rating_count",
    )
    takes_anonymous = True
    figures = (
        Figure("clients", gettext_lazy("Clients")),
        Figure("new_clients", gettext_lazy("New clients"), gettext_lazy("New")),
        Figure("visits", gettext_lazy("Visits"), shown=lambda _question: False),
        Figure("visit_days", gettext_lazy("Visit days"), shown=lambda _question: False),
        Figure("net_revenue", gettext_lazy("Net revenue"), unit=REVENUE),
        Figure(
            "client_revenue", gettext_lazy("Of it, from known clients"), unit=REVENUE, shown=lambda _question: False
        ),
        Figure("consumed_value", gettext_lazy("Consumed from cards"), gettext_lazy("Consumed"), unit=REVENUE),
        Figure("average_visit", gettext_lazy("Spend a visit"), unit=PRICE),
        Figure("average_client", gettext_lazy("Spend a client"), unit=PRICE),
        Figure("mean_rating", gettext_lazy("Mean rating"), gettext_lazy("Rating"), unit=RATING),
        Figure("rated_visits", gettext_lazy("Rated visits"), shown=lambda _question: False),
    )
    definition = (
        gettext_lazy("What happened in the period: visits, clients, revenue and ratings."),
        gettext_lazy(
            "A visit is one client at one store with at least one line that is no return. A client’s visits on one "
            "date are one visit day. A client is new when the first day in the period is the first one ever and the "
            "record was not opened before it."
        ),
        gettext_lazy(
            "Net revenue is what all lines not paid from a card come to, returns included, also those without a "
            "client. What was consumed from cards stands beside it and is never added."
        ),
        gettext_lazy("The averages are what known clients paid, by their visits and by their number."),
        gettext_lazy(
            "By place and category visits and revenue count where they happened; clients where they belong. By member "
            "tier, staff, new and returning all of a client counts in the client’s group, as in the repurchase rate."
        ),
        gettext_lazy("A visit’s rating is the mean of its lines’."),
    )

    def columns(self, selection: Selection) -> set[str]:
        names = {"visits", "net_revenue", "consumed_value", "ratings", "rating_count"}
        return super().columns(selection) | names

    def count(self, reader: BlockReader, selections: Sequence[Selection], places: Places) -> list[Cells]:
        """Block by block where all counts where it happened."""
        counting = Counting if self.may_keep(selections[0]) else HistoryCounting
        return counting.count(self, reader, selections, places)

    def may_keep(self, selection: Selection) -> bool:
        """What is of a client's group needs the client's other facts."""
        return not selection.of_clients and selection.member_tier_id is None

    def parts_of_block(self, block: Block, selection: Selection, places: Places) -> Sequence[Tally]:  # noqa: ARG002
        first, days = FirstDays(block, selection), DaysOfPeriod(block, selection)
        keys = first.keys(of_strata=False)
        clients = {**keys, "clients": np.ones(len(first.since), np.bool_), "new_clients": keys["is_new"]}
        dimension = DIMENSION_COLUMNS.get(selection.dimension)
        groups = {"dimension": days.columns[dimension]} if dimension else {}
        return [clients, {**groups, **happened(days.columns, selection)}]

    def parts(self, history: History, selection: Selection) -> Sequence[Tally]:
        keys = history.keys(history.first)
        clients = {**keys, "clients": np.ones(len(history.first), np.bool_), "new_clients": keys["is_new"]}
        rows = np.flatnonzero(history.in_period & (history.lead[history.unit] >= 0))
        groups = history.keys(history.lead[history.unit[rows]])
        names = {"flags", "location_id", *self.columns(selection)}
        facts = {name: history.columns[name][rows] for name in names}
        return [clients, {**groups, **happened(facts, selection)}]

    def anonymous(self, amounts: Columns, selection: Selection) -> Tally:
        rows = np.full(len(amounts["location_id"]), selection.member_tier_id in (None, 0))
        if selection.category_id is not None:
            rows &= amounts["category_id"] == selection.category_id
        own = {name: column[rows] for name, column in amounts.items()}
        return {
            "location_id": own["location_id"],
            **({"dimension": own["category_id"]} if selection.dimension == "category" else {}),
            "is_new": np.full(len(own["location_id"]), _OF_NO_CLIENT),
            "net_revenue": own["net_revenue"],
            "consumed_value": own["consumed_value"],
        }

    def estimate(self, cells: Cells, within: int | None) -> Estimate:  # noqa: ARG002
        sums = {name: int(cells[name].sum()) for name in self.counts}
        ratings, rated = sums.pop("ratings"), sums.pop("rating_count")
        revenue = sums["client_revenue"]
        averages: dict[str, Any] = {
            "average_visit": _quotient(revenue, sums["visits"]),
            "average_client": _quotient(revenue, sums["clients"]),
            "mean_rating": ratings / (rated * RATING_UNIT) if rated else None,
        }
        counts = {**sums, "rated_visits": rated}
        return Estimate(
            clients=sums["clients"],
            value=sums["visits"],
            ci95=None,
            counts=counts,
            details=averages,
            is_estimated=False,
        )

    def tables(self, question: Question, total: Estimate, beside: Beside | None) -> list[DetailTable]:
        """Each figure, with its change on a period before."""
        headings = [_("Figure"), question.period.label, *([beside.label, _("Change")] if beside else [])]
        rows = []
        for figure in self.figures:
            unit = figure.unit or COUNT
            texts: list[DetailCell] = []
            if beside:
                after, before = beside.after.figure(figure.name), beside.before.figure(figure.name)
                change = after - before if after is not None and before is not None else None
                texts = [DetailCell(unit.text(before)), _changed(figure.name, unit, before, change, beside)]
            rows.append((str(figure.title), [DetailCell(unit.text(total.figure(figure.name))), *texts]))
        return [DetailTable(_("All figures"), headings, rows)]

    def is_empty(self, total: Estimate) -> bool:
        return not any(total.counts.values())

    def summary(self, question: Question) -> str:
        if question.basis == "purchase":
            return _("Visits on days on which something was bought, their clients, revenue and ratings.")
        return _("Visits, clients, revenue and ratings of the period.")

    def headline(self, question: Question, total: Estimate, period: Period) -> str:  # noqa: ARG002
        return format_html(
            ngettext(
                "visits of {clients} client {period}, {new} of them new. Net revenue was <b>{revenue}</b>.",
                "visits of {clients} clients {period}, {new} of them new. Net revenue was <b>{revenue}</b>.",
                total.clients,
            ),
            clients=figures.count(total.clients),
            period=period.phrase,
            new=figures.count(total.counts["new_clients"]),
            revenue=REVENUE.text(total.counts["net_revenue"]),
        )


def happened(facts: Columns, selection: Selection) -> Columns:
    """What facts of the period count to, where it happened, whatever group their client is in."""
    belongs = selection.stream.belongs
    is_day, counted = (
        (facts["flags"] & np.uint8(mask)) == mask
        # A day of the basis is told by the fact that leads; visits count at each store of the day.
        for mask in (mask_of(belongs), mask_of(flag for flag in belongs if flag != "is_lead"))
    )
    visits = {name: np.where(counted, facts[name], 0) for name in ("visits", "ratings", "rating_count")}
    revenue = facts["net_revenue"]
    amounts = {"net_revenue": revenue, "client_revenue": revenue, "consumed_value": facts["consumed_value"]}
    return {"location_id": facts["location_id"], **visits, **amounts, "visit_days": is_day}


def _changed(name: str, unit: Unit, former: float | None, change: float | None, beside: Beside) -> DetailCell:
    """With the interval of the change, where there is one."""
    half, text = beside.half_intervals.get(name), _change(unit, former, change)
    if half is None or change is None:
        return DetailCell(text)
    return DetailCell(text, figures.from_to(unit.difference(change - half), unit.difference(change + half)))


def _change(unit: Unit, former: float | None, change: float | None) -> str:
    """Of amounts and counts with the percentage of it."""
    text = unit.difference(change)
    if unit is RATING or not former or change is None:
        return text
    return f"{text} ({figures.signed_percent(change / former)})" if former > 0 else text


def _quotient(amount: int, number: int) -> int | None:
    """In whole hundredths, a half away from 0."""
    if not number:
        return None
    whole = (2 * abs(amount) + number) // (2 * number)
    return whole if amount >= 0 else -whole
