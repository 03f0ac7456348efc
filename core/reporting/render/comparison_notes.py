"""What a reader has to know of how a report's groups are compared."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.reporting.dimensions import DIMENSIONS
from core.reporting.report import Adjustment, Report
from core.reporting.statistics.homogeneity import GroupTest
from core.shared import figures


def comparison_notes(report: Report) -> list[str]:
    sentences = _acquisition_notes(report)
    if report.test:
        sentences += _test_notes(report, report.test)
    if report.too_few_stores:
        sentences.append(
            _("Too few stores to test whether the groups differ: there must be at least three more stores than groups.")
        )
    if report.adjustment:
        sentences += _adjustment_notes(report, report.adjustment)
    return sentences


def _acquisition_notes(report: Report) -> list[str]:
    if not report.is_acquisition_uncertain:
        return []
    if report.question.by == "acquisition":
        return [
            _("The data begins less than a year before the period: some clients counted as new may have come before.")
        ]
    return [
        _(
            "The data begins less than a year before the period, so adjusted rates do not tell new clients from "
            "returning ones."
        )
    ]


def _test_notes(report: Report, test: GroupTest) -> list[str]:
    if test.left_out:
        text = _("Left out of the test, with fewer than 30 clients: %(groups)s.")
        return [text % {"groups": _labels(report, test.left_out)}]
    if (test.phi or 1) > 1:
        text = _(
            "Stores of one group differ more than chance gives (overdispersion %(times)s): the test and the intervals "
            "of the groups allow for it."
        )
        return [text % {"times": f"{test.phi:.1f}"}]
    return []


def _adjustment_notes(report: Report, adjustment: Adjustment) -> list[str]:
    if DIMENSIONS[report.question.by].adjustment == "indirect":
        return [
            _("Adjusted: came back against expected from the chain’s clients of the same kind, times the chain’s rate.")
        ]
    share = figures.percent(adjustment.coverage, 0)
    dropped = _labels(report, adjustment.dropped)
    if adjustment.level == "withheld":
        if not dropped:
            return [_("No adjusted rates: no group has 30 clients or more.")]
        text = _(
            "No adjusted rates: only %(share)s of the chain’s clients are of a kind that every group serves; "
            "%(groups)s lacks the most."
        )
        return [text % {"share": share, "groups": dropped}]
    text = _("The adjusted rates cover %(share)s of the chain’s clients and take account of %(what)s.")
    sentences = [text % {"share": share, "what": _taken_account_of(adjustment)}]
    if dropped:
        text = ngettext(
            "Without an adjusted rate, as it serves too few kinds of clients: %(groups)s.",
            "Without adjusted rates, as they serve too few kinds of clients: %(groups)s.",
            len(adjustment.dropped),
        )
        sentences.append(text % {"groups": dropped})
    return sentences


def _taken_account_of(adjustment: Adjustment) -> str:
    if not adjustment.by_acquisition:
        return {
            "full": _("category and time of the first visit"),
            "thirds_merged": _("category"),
        }.get(adjustment.level, _("nothing but the number of clients"))
    return {
        "full": _("category, new or returning, and time of the first visit"),
        "thirds_merged": _("category and new or returning"),
    }.get(adjustment.level, _("new or returning"))


def _labels(report: Report, keys: Sequence[str]) -> str:
    labels = {group.key: group.label for group in report.groups}
    return ", ".join(labels.get(key, key) for key in keys)
