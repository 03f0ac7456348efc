"""A store beside its city tier and the chain."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.reporting.answers import Values, answer, values, year_before
from core.reporting.data import Data
from core.reporting.metrics.base import Estimate
from core.reporting.metrics.units import RATE
from core.reporting.question import Question
from core.reporting.render.charts.groups import groups_chart
from core.reporting.render.charts.renderer import chart
from core.reporting.render.charts.theme import INK, SERIES, colour, tier_token
from core.reporting.render.report_charts import mark_of
from core.reporting.render.table import Row
from core.reporting.report import Report
from core.reporting.trend import TrendLine, trend
from core.shared import figures
from core.stores.selectors import Place, city_tiers, has_several_stores
from core.stores.tiers import tier_label


@dataclass(frozen=True)
class StoreComparison:
    """The store's row, and those of its city tier and the chain."""

    report: Report
    place: Place
    own: Row
    others: Sequence[Row]

    @property
    def all(self) -> list[Row]:
        return [self.own, *self.others]

    def sentences(self) -> list[SafeString]:
        own = self.own.figures
        if own.value is None:
            return []
        found = [
            format_html(
                _("of {clients} clients of this store came back {period} <span>(95 % interval {interval})</span>."),
                clients=figures.count(own.clients),
                period=self.report.question.period.phrase,
                interval=figures.interval(own.ci95),
            )
        ]
        if own.small_sample:
            found.append(SafeString(_("With fewer than 30 clients this says little.")))
        elif self.others and (position := self._position()):
            found.append(position)
        if own.adjusted_value is not None and not own.small_sample:
            found.append(_expected(own))
        return found

    def _position(self) -> SafeString | None:
        funnel = self.report.funnel
        if funnel is None or not self.report.groups:
            return None
        texts = {
            "inside": _("That cannot be told from the chain’s {rate} by chance."),
            "above_95": _(
                "That is somewhat above the chain’s {rate}: beyond the 95 % limits, within the 99.8 % limits."
            ),
            "below_95": _(
                "That is somewhat below the chain’s {rate}: beyond the 95 % limits, within the 99.8 % limits."
            ),
            "above_998": _("That is <b>above</b> what chance allows around the chain’s {rate}."),
            "below_998": _("That is <b>below</b> what chance allows around the chain’s {rate}."),
        }
        position = funnel.stores[self.report.groups[0].key].position
        return format_html(texts[position], rate=figures.percent(funnel.chain_rate))


def _expected(own: Estimate) -> SafeString:
    return format_html(
        _("Adjusted for whom the store serves it is {rate} <span>({interval})</span>."),
        rate=figures.percent(own.adjusted_value),
        interval=figures.interval(own.adjusted_ci95),
    )


def compare_store(question: Question, place: Place, data: Data) -> StoreComparison:
    """`question` is by store, of the one store. The only store of a chain stands beside nothing."""
    report = answer(question, data)
    own = _own(report, values(year_before(question), data))
    if not has_several_stores():
        own = replace(own, figures=_unadjusted(own.figures))
        return StoreComparison(replace(report, adjustment=None), place, own, [])
    by_tier = replace(question, by="city_tier", store=None)
    wide, before = answer(by_tier, data), values(year_before(by_tier), data)
    tier = [
        # What a tier is adjusted to is no figure to set a store's against.
        _row(
            tier_label(group.key), replace(group, adjusted_value=None, adjusted_ci95=None), before.groups.get(group.key)
        )
        for group in wide.groups
        if group.key == place.city_tier
    ]
    return StoreComparison(report, place, own, [*tier, _row(_("Chain"), wide.total, before.total)])


def _own(report: Report, before: Values) -> Row:
    if not report.groups:
        return _row(_("This store"), report.total, None)
    group = report.groups[0]
    return _row(_("This store"), group, before.groups.get(group.key))


def _unadjusted(found: Estimate) -> Estimate:
    """What a tier is adjusted to is no figure to set a store's against."""
    return replace(found, adjusted_value=None, adjusted_ci95=None)


def _row(label: str, found: Estimate, before: float | None) -> Row:
    return Row(figures=found, before=before, clients_link="", label=label)


def comparison_chart(found: StoreComparison, tiers: Sequence[str]) -> SafeString:
    rated = [row for row in found.all if row.figures.value is not None]
    if found.own.figures.value is None or not found.others:
        return SafeString("")
    tier_colour = [colour(tier_token(found.place.city_tier, tiers))] if len(found.others) == 2 else []
    marks = [mark_of(row, RATE, paint) for row, paint in zip(rated, [SERIES, *tier_colour, INK], strict=False)]
    chain = rated[-1].figures.value or 0.0
    return chart(
        lambda width: groups_chart(
            marks,
            unit=RATE,
            reference=chain,
            reference_label=_("chain %(rate)s") % {"rate": figures.percent(chain)},
            width=width,
        ),
        label=_("This store, its city tier and the chain; the table below has the numbers"),
    )


def store_lines(question: Question, place: Place, data: Data) -> tuple[list[TrendLine], dict[str, str]]:
    """The store, its tier and the chain over time, and their colours."""
    alone = replace(question, by="none")
    requested = [("store", _("This store"), alone, SERIES)]
    several = has_several_stores()
    if several and place.city_tier:
        paint = colour(tier_token(place.city_tier, city_tiers()))
        tier = replace(alone, store=None, city_tier=place.city_tier)
        requested.append(("tier", tier_label(place.city_tier), tier, paint))
    if several:
        requested.append(("chain", _("Chain"), replace(alone, store=None), INK))
    lines = [TrendLine(key, label, line.points) for key, label, of, _paint in requested for line in trend(of, data)]
    return lines, {key: paint for key, _label, _of, paint in requested}
