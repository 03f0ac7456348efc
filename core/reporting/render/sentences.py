"""The headline and the notes of a report, in plain words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.reporting.compare.change import Change, Changes
from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics import METRICS
from core.reporting.metrics.units import RATE, Unit
from core.reporting.question import Breakdown
from core.reporting.render.comparison_notes import comparison_notes
from core.reporting.report import Report
from core.reporting.statistics.homogeneity import LEVEL, SMALLEST_EXPECTED, GroupTest
from core.shared import figures

# Why groups that clients share are not tested, and do not add up to the chain.
_OVERLAPS: Mapping[Breakdown, Promise] = {
    "category": gettext_lazy("A client counts in each category used, so the groups are not tested."),
    "store_group": gettext_lazy("Some stores are in several groups, so the groups are not tested."),
}
_DO_NOT_ADD_UP: Mapping[Breakdown, Promise] = {
    "category": gettext_lazy("A client counts in each category used: the groups do not add up to the chain."),
    "store_group": gettext_lazy(
        "Clients of a store in several groups count in each of them: the groups do not add up to the chain."
    ),
}


def headline(report: Report, changes: Changes) -> list[SafeString]:
    """What follows the total's value."""
    question, metric = report.question, METRICS[report.question.metric]
    sentences = [
        SafeString(metric.headline(question, report.total, question.period)),
        against_before(report, changes),
    ]
    if report.test:
        sentences.append(_test(report, report.test))
    elif not report.additive and metric.kind == "proportion":
        sentences.append(SafeString(_OVERLAPS[question.by]))
    sentences.append(_adjusted_gap(report))
    return [sentence for sentence in sentences if sentence]


def against_before(report: Report, changes: Changes) -> SafeString:
    if changes.periods is None:
        return format_html("{}", changes.reason)
    period, change = changes.periods.before.label, changes.total
    if change.before is None:
        # A share may be withheld, and the notes say why.
        is_share = METRICS[report.question.metric].kind == "share"
        text = _("There are no visits in {period} to compare with.")
        return SafeString("") if is_share else format_html(text, period=period)
    if change.change is None:
        return SafeString("")
    unit = METRICS[report.question.metric].unit
    if abs(change.change) < unit.smallest:
        return format_html(_("That is the same as in {period}."), period=period)
    if change.is_beyond_chance:
        return _claimed(change, change.change, unit, period)
    texts = {
        True: _("In {period} it was {before}, a difference of {change}."),
        False: _("In {period} it was {before}: the difference of {change} <span>({ends})</span> may be chance."),
    }
    return format_html(
        texts[change.ci95 is None],
        period=period,
        before=unit.text(change.before),
        change=unit.difference(change.change),
        ends=_ends(change, unit),
    )


def _claimed(change: Change, difference: float, unit: Unit, period: str) -> SafeString:
    """A rise or a fall that chance does not explain."""
    direction, text = ("up", unit.above) if difference > 0 else ("down", unit.below)
    points = unit.difference(abs(difference)).lstrip("+")
    claim = format_html(str(text), direction=direction, points=points, period=period)
    return format_html(_("{claim} <span>({ends})</span>"), claim=claim, ends=_ends(change, unit))


def _ends(change: Change, unit: Unit) -> str:
    return figures.from_to(*map(unit.difference, change.ci95)) if change.ci95 else ""


def _test(report: Report, test: GroupTest) -> SafeString:
    text = (
        _("{groups} differ beyond chance <span>({symbol} {statistic}, p {p})</span>.")
        if test.beyond_chance
        else _("{groups} differ no more than chance allows <span>({symbol} {statistic}, p {p})</span>.")
    )
    sentence = format_html(
        text,
        groups=DIMENSIONS[report.question.by].subject,
        symbol="F" if test.kind == "F" else "χ²",
        statistic=f"{test.statistic:.1f}",
        p=figures.p_value(test.p_value),
    )
    if test.kind == "chi_square" and test.smallest_expected < SMALLEST_EXPECTED:
        return format_html("{} {}", sentence, _("Some groups are so small that this test is only approximate."))
    return sentence


def _adjusted_gap(report: Report) -> SafeString:
    """How far two groups are apart before and after adjusting: the difference of their adjusted rates, which is not
    the rate part of the gap's split."""
    if report.adjustment and report.adjustment.level == "withheld" and len(report.groups) > 1:
        return format_html(
            _("Adjusted rates are withheld: only {coverage} of the chain’s clients can be compared like for like."),
            coverage=figures.percent(report.adjustment.coverage, 0),
        )
    if report.gap is None:
        return SafeString("")
    high, low, _parts = report.gap
    if high.adjusted_value is None or low.adjusted_value is None or high.value is None or low.value is None:
        return SafeString("")
    raw, adjusted = high.value - low.value, high.adjusted_value - low.adjusted_value
    return format_html(
        _gap_text(raw, adjusted),
        high=high.label,
        low=low.label,
        raw=f"{raw * 100:.1f}",
        adjusted=f"{abs(adjusted) * 100:.1f}",
    )


def _gap_text(raw: float, adjusted: float) -> str:
    if adjusted < -RATE.smallest:
        return _(
            "After adjusting for whom they serve, the gap turns round: {high} was {raw} points above {low}, "
            "and is {adjusted} below."
        )
    if abs(raw - adjusted) < RATE.smallest:
        return _("After adjusting for whom they serve, the gap from {high} to {low} stays at {raw} points.")
    if adjusted < raw:
        return _(
            "After adjusting for whom they serve, the gap from {high} to {low} shrinks from {raw} to {adjusted} points."
        )
    return _("After adjusting for whom they serve, the gap from {high} to {low} grows from {raw} to {adjusted} points.")


def pair_sentences(report: Report, *, differing: bool = False) -> list[str]:
    """How far each two groups are apart, or those that differ beyond chance; nothing of more than eight groups."""
    pairs = [pair for pair in report.pairs if pair.p_adjusted < LEVEL] if differing else report.pairs
    if report.pairs and not pairs:
        return [_("No two of them differ beyond chance.")]
    labels: Mapping[str, str] = {group.key: group.label for group in report.groups}
    return [
        _("%(one)s and %(other)s: %(points)s points, p %(p)s")
        % {
            "one": labels[pair.group_1],
            "other": labels[pair.group_2],
            "points": figures.points(pair.difference),
            "p": figures.p_value(pair.p_adjusted),
        }
        for pair in pairs
    ]


def notes(report: Report, changes: Changes) -> list[str]:
    """What a reader has to know of the data behind the figures."""
    sentences = _data_notes(report) + [sentence for _code, sentence in report.notes] + _change_notes(changes)
    sentences += comparison_notes(report)
    if not report.additive:
        sentences.append(str(_DO_NOT_ADD_UP[report.question.by]))
    if report.question.scope == "store":
        sentences.append(
            _("A client counts once in each store visited: groups may add up to more clients than the chain has.")
        )
    if any(group.small_sample for group in report.groups):
        sentences.append(_("Small sample: fewer than 30 clients. Such a rate is not ranked and says little."))
    return sentences


def _change_notes(changes: Changes) -> list[str]:
    notes = []
    if changes.split and abs(changes.split.mix) >= RATE.smallest:
        text = _(
            "Of the change, %(points)s points come from how many clients are new and when in the period they came, not "
            "from how often the same kinds of clients come back."
        )
        notes.append(text % {"points": figures.points(changes.split.mix)})
    if changes.same_store_count is not None:
        text = ngettext(
            "Same stores: the change of the %(count)s store that was open and in its place throughout both periods.",
            "Same stores: the change of the %(count)s stores that were open and in their place throughout both "
            "periods.",
            changes.same_store_count,
        )
        notes.append(text % {"count": figures.count(changes.same_store_count)})
    if changes.periods is None or not changes.periods.truncated:
        return notes
    text = _("The period is not over in the data: compared are %(current)s and %(before)s.")
    return [*notes, text % {"current": changes.periods.current.label, "before": changes.periods.before.label}]


def _data_notes(report: Report) -> list[str]:
    sentences = []
    if report.as_of:
        sentences.append(_("Data complete to %(day)s.") % {"day": figures.day(report.as_of)})
    if report.stale_stores:
        text = _("More than 14 days behind the others: %(codes)s.")
        if len(report.stale_stores) > 5:
            text = _("More than 14 days behind the others: stores %(codes)s and %(more)s more.")
        codes = ", ".join(report.stale_stores[:5])
        sentences.append(text % {"codes": codes, "more": len(report.stale_stores) - 5})
    if report.anonymous_line_share:
        share = figures.percent(report.anonymous_line_share)
        text = (
            _("%(share)s of lines have no client. They count in the revenue alone.")
            if METRICS[report.question.metric].takes_anonymous
            else _("%(share)s of lines have no client and are left out.")
        )
        sentences.append(text % {"share": share})
    return sentences
