"""A store beside its city tier and the chain."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.reporting.answers import answer
from core.reporting.compare.change import Changes, shown_changes
from core.reporting.data import Data
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate
from core.reporting.metrics.units import COUNT, REVENUE
from core.reporting.question import Question
from core.reporting.render.charts.groups import groups_chart
from core.reporting.render.charts.renderer import chart
from core.reporting.render.charts.theme import INK, SERIES, colour, tier_token
from core.reporting.render.report_charts import mark_of
from core.reporting.render.table import Cell, Column, Row
from core.reporting.render.trends import trend_context
from core.reporting.report import Group, Report
from core.reporting.trend import TrendLine, trend
from core.shared import figures
from core.stores.cities import Place
from core.stores.selectors import city_tiers, has_several_stores
from core.stores.tiers import tier_label


@dataclass(frozen=True)
class StoreComparison:
    """The store's row, and those of its city tier and the chain."""

    report: Report
    # Of the store.
    changes: Changes
    own: Row
    others: Sequence[Row]

    @property
    def rows(self) -> list[Row]:
        return [self.own, *self.others]

    @property
    def is_drawn(self) -> bool:
        """A store's share of a sum says nothing of it."""
        return bool(self.others) and METRICS[self.report.question.metric].kind != "count"

    def cells(self, columns: Sequence[Column]) -> list[tuple[Row, list[Cell]]]:
        """Of a metric that counts, the others' averages alone: their sums are no yardstick, and not for every eye."""
        counts = METRICS[self.report.question.metric].kind == "count"

        def cell(row: Row, column: Column) -> Cell:
            if counts and row is not self.own and (column.kind == "count" or column.unit in (COUNT, REVENUE)):
                return Cell(figures.NOTHING, column.css, "", "")
            return column.cell(row)

        return [(row, [cell(row, column) for column in columns]) for row in self.rows]

    def sentences(self) -> list[SafeString]:
        question, own = self.report.question, self.own.figures
        sentences = [SafeString(METRICS[question.metric].headline(question, own, question.period))]
        if own.small_sample and own.value is not None:
            sentences.append(SafeString(_("With fewer than 30 clients this says little.")))
        elif self.others and self.report.funnel and self.report.groups:
            sentences.append(_position(self.report))
        if own.adjusted_value is not None and not own.small_sample:
            sentences.append(_expected(own))
        return sentences


def _position(report: Report) -> SafeString:
    texts = {
        "inside": _("Of such clients about {expected} were expected to come back: {observed} is within chance."),
        "above_95": _(
            "{observed} came back where {expected} of such clients were expected: somewhat more, beyond the 95 % "
            "limits and within the 99.8 % limits."
        ),
        "below_95": _(
            "{observed} came back where {expected} of such clients were expected: somewhat fewer, beyond the 95 % "
            "limits and within the 99.8 % limits."
        ),
        "above_998": _(
            "{observed} came back where {expected} of such clients were expected: <b>more</b> than chance allows."
        ),
        "below_998": _(
            "{observed} came back where {expected} of such clients were expected: <b>fewer</b> than chance allows."
        ),
    }
    funnel, key = report.funnel, report.groups[0].key
    if funnel is None or key not in funnel.positions:
        return SafeString("")
    store = funnel.stores[key]
    return format_html(
        texts[funnel.positions[key]],
        observed=figures.count(store.observed),
        expected=figures.count(round(store.expected)),
    )


def _expected(own: Estimate) -> SafeString:
    return format_html(
        _("Adjusted for whom the store serves it is {rate} <span>({interval})</span>."),
        rate=figures.percent(own.adjusted_value),
        interval=figures.interval(own.adjusted_ci95),
    )


def compare_store(question: Question, place: Place, data: Data) -> StoreComparison:
    """`question` is by store, of the one store. The only store of a chain stands beside nothing."""
    report, changes = answer(question, data), shown_changes(question, data)
    several = has_several_stores()
    if not several:
        report = replace(report, adjustment=None, groups=[_unadjusted(group) for group in report.groups])
    own = next(iter(report.groups), report.total)
    own_row = Row(label=_("This store"), figures=own, changed=changes.of(question.store or ""))
    return StoreComparison(report, changes, own_row, _others(question, place, data) if several else [])


def _others(question: Question, place: Place, data: Data) -> list[Row]:
    by_tier = replace(question, by="city_tier", store=None)
    report, changes = answer(by_tier, data), shown_changes(by_tier, data)
    token = tier_token(place.city_tier, city_tiers())
    tier = [
        Row(label=tier_label(group.key), figures=_unadjusted(group), changed=changes.of(group.key), token=token)
        for group in report.groups
        if group.key == place.city_tier
    ]
    return [*tier, Row(label=_("Chain"), figures=report.total, changed=changes.total)]


def _unadjusted(group: Group) -> Group:
    """What a tier is adjusted to is no figure to set a store's against."""
    return replace(group, adjusted_value=None, adjusted_ci95=None)


def comparison_chart(comparison: StoreComparison) -> SafeString:
    rated = [row for row in comparison.rows if row.figures.value is not None]
    if comparison.own.figures.value is None or not comparison.is_drawn:
        return SafeString("")
    chain, unit = comparison.others[-1], METRICS[comparison.report.question.metric].unit
    marks = [mark_of(row, unit, INK if row is chain else "") for row in rated]
    value = chain.figures.value or 0.0
    return chart(
        lambda width: groups_chart(
            marks,
            unit=unit,
            reference=value,
            reference_label=_("chain %(rate)s") % {"rate": unit.text(value)},
            width=width,
        ),
        label=_("This store, its city tier and the chain; the table below has the numbers"),
    )


def store_trend_context(question: Question, place: Place, data: Data) -> dict[str, Any]:
    """The store, and where values compare its tier and the chain, over time."""
    alone = replace(question, by="none")
    requested = [(_("This store"), alone, SERIES)]
    several = has_several_stores() and METRICS[question.metric].kind != "count"
    if several and place.city_tier:
        paint = colour(tier_token(place.city_tier, city_tiers()))
        requested.append((tier_label(place.city_tier), replace(alone, store=None, city_tier=place.city_tier), paint))
    if several:
        requested.append((_("Chain"), replace(alone, store=None), INK))
    lines = [TrendLine(label, label, line.points) for label, of, _paint in requested for line in trend(of, data)]
    return trend_context(question, lines, {label: paint for label, _of, paint in requested})
