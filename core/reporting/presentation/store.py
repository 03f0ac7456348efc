"""A store beside its city tier and the chain."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.reporting.charts.groups import Mark, groups_chart
from core.reporting.charts.renderer import chart
from core.reporting.charts.theme import INK, SERIES, colour, tier_token
from core.reporting.periods import Period
from core.reporting.report import Group, Interval, Question, Report, Total
from core.reporting.repurchase import Rates, rates, repurchase
from core.reporting.statistics.proportions import is_small_sample
from core.reporting.trend import TrendLine, trend
from core.shared import figures
from core.stores.selectors import Place, city_tiers, has_several_stores
from core.stores.tiers import tier_label


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The store, its tier or the chain."""

    label: str
    clients: int
    repeat_clients: int
    rate: float | None
    ci95: Interval | None
    adjusted_rate: float | None = None
    adjusted_ci95: Interval | None = None
    before: float | None = None

    @property
    def small_sample(self) -> bool:
        return is_small_sample(self.clients)

    @property
    def change(self) -> float | None:
        return self.rate - self.before if self.rate is not None and self.before is not None else None


@dataclass(frozen=True)
class Standing:
    report: Report
    place: Place
    own: Compared
    others: Sequence[Compared]

    @property
    def all(self) -> list[Compared]:
        return [self.own, *self.others]

    def sentences(self, period: Period) -> list[SafeString]:
        if self.own.rate is None:
            return []
        found = [
            format_html(
                _("of {clients} clients of this store came back {period} <span>(95 % interval {interval})</span>."),
                clients=figures.count(self.own.clients),
                period=period.phrase,
                interval=figures.interval(self.own.ci95),
            )
        ]
        if self.own.small_sample:
            found.append(SafeString(_("With fewer than 30 clients this says little.")))
        elif self.others and (position := self._position()):
            found.append(position)
        if self.own.adjusted_rate is not None and not self.own.small_sample:
            found.append(self._expected())
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

    def _expected(self) -> SafeString:
        return format_html(
            _("Adjusted for whom the store serves it is {rate} <span>({interval})</span>."),
            rate=figures.percent(self.own.adjusted_rate),
            interval=figures.interval(self.own.adjusted_ci95),
        )


def standing(question: Question, place: Place) -> Standing:
    """`question` is by store, of the one store. The only store of a chain stands beside nothing."""
    report = repurchase(question)
    period = Period(question.start, question.end).year_before()
    before = rates(replace(question, start=period.start, end=period.end))
    if not has_several_stores():
        own = replace(_own(report, before), adjusted_rate=None, adjusted_ci95=None)
        return Standing(replace(report, adjustment=None), place, own, [])
    wide = repurchase(replace(question, by="city_tier", store=None))
    wide_before = rates(replace(question, by="city_tier", store=None, start=period.start, end=period.end))
    own = _own(report, before)
    others = []
    tier = next((group for group in wide.groups if group.key == place.city_tier), None)
    if tier:
        others.append(_compared(tier_label(place.city_tier), tier, wide_before.groups.get(place.city_tier)))
    others.append(_compared(_("Chain"), wide.total, wide_before.total))
    return Standing(report, place, own, others)


def _own(report: Report, before: Rates) -> Compared:
    if not report.groups:
        return Compared(label=_("This store"), clients=0, repeat_clients=0, rate=None, ci95=None)
    group = report.groups[0]
    compared = _compared(_("This store"), group, before.groups.get(group.key))
    return replace(compared, adjusted_rate=group.adjusted_rate, adjusted_ci95=group.adjusted_ci95)


def _compared(label: str, counted: Group | Total, before: float | None) -> Compared:
    return Compared(
        label=label,
        clients=counted.clients,
        repeat_clients=counted.repeat_clients,
        rate=counted.rate,
        ci95=counted.ci95,
        before=before,
    )


def comparison_chart(found: Standing, tiers: Sequence[str]) -> SafeString:
    rated = [compared for compared in found.all if compared.rate is not None]
    if found.own.rate is None or not found.others:
        return SafeString("")
    colours = [SERIES, *_other_colours(found, tiers)]
    marks = [_mark(compared, paint) for compared, paint in zip(rated, colours, strict=False)]
    chain = rated[-1].rate or 0.0
    return chart(
        lambda width: groups_chart(
            marks,
            reference=chain,
            reference_label=_("chain %(rate)s") % {"rate": figures.percent(chain)},
            width=width,
        ),
        label=_("This store, its city tier and the chain; the table below has the numbers"),
    )


def _other_colours(found: Standing, tiers: Sequence[str]) -> list[str]:
    return [*([colour(tier_token(found.place.city_tier, tiers))] if len(found.others) == 2 else []), INK]


def _mark(compared: Compared, paint: str) -> Mark:
    low, high = compared.ci95 or (0.0, 0.0)
    return Mark(
        label=compared.label,
        note=figures.count(compared.clients),
        colour=paint,
        rate=compared.rate or 0.0,
        low=low,
        high=high,
        adjusted=compared.adjusted_rate,
        before=compared.before,
        description=f"{compared.label}: {figures.percent(compared.rate)} ({figures.interval(compared.ci95)})",
    )


def store_lines(
    question: Question, place: Place, *, begins: date, as_of: date
) -> tuple[list[TrendLine], dict[str, str]]:
    """The store, its tier and the chain over time."""
    alone = replace(question, by="none")
    asked = [("store", _("This store"), alone, SERIES)]
    several = has_several_stores()
    if several and place.city_tier:
        paint = colour(tier_token(place.city_tier, city_tiers()))
        tier = replace(alone, store=None, city_tier=place.city_tier)
        asked.append(("tier", tier_label(place.city_tier), tier, paint))
    if several:
        asked.append(("chain", _("Chain"), replace(alone, store=None), INK))
    lines = [
        TrendLine(key, label, line.points)
        for key, label, of, _paint in asked
        for line in trend(of, begins=begins, as_of=as_of)
    ]
    return lines, {key: paint for key, _label, _of, paint in asked}
