"""What the headline may say and what it may not."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from core.reporting.compare.change import Change, Changes
from core.reporting.compare.periods import ComparedPeriods
from core.reporting.metrics.base import Estimate
from core.reporting.periods import Period
from core.reporting.question import Question
from core.reporting.render.sentences import headline, notes, pair_sentences
from core.reporting.report import Adjustment, Gap, Group, Report
from core.reporting.statistics.homogeneity import GroupTest, PairComparison
from core.reporting.statistics.standardisation import Decomposition

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
F_TEST = GroupTest(kind="F", statistic=57.9, df=(1, 8), p_value=1e-9, phi=1.0, smallest_expected=100.0)
CHI_SQUARE = GroupTest(kind="chi_square", statistic=0.2, df=(1,), p_value=0.65, phi=None, smallest_expected=3.0)
QUESTION = Question(start=YEAR.start, end=YEAR.end, by="city_tier")


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def group(key: str, label: str, rate: float, adjusted: float | None) -> Group:
    return Group(
        key=key,
        label=label,
        clients=1000,
        value=rate,
        ci95=(rate - 0.02, rate + 0.02),
        counts={"repeat_clients": round(rate * 1000)},
        adjusted_value=adjusted,
    )


def report(high: float | None, low: float | None, **changes: Any) -> Report:
    groups = [group("一线", "First tier", 0.48, high), group("三线", "Third tier", 0.35, low)]
    made = Report(
        question=QUESTION,
        as_of=date(2025, 12, 31),
        additive=True,
        groups=groups,
        adjustment=Adjustment(level="full", coverage=0.97),
        total=Estimate(clients=2000, value=0.415, ci95=(0.39, 0.44), counts={"repeat_clients": 830}),
        anonymous_line_share=0.0,
        stale_stores=[],
        test=F_TEST,
        # The rate part is not the difference of the adjusted rates below, and must not be told as it.
        gap=Gap(groups[0], groups[1], Decomposition(0.13, 0.021, 0.109, 0.0, {})),
    )
    return replace(made, **changes)


PERIODS = ComparedPeriods(YEAR, Period(date(2024, 1, 1), date(2025, 1, 1)), truncated=False)


def on(before: float | None, half: float | None = 0.02) -> Changes:
    """The change on a rate before, with so wide an interval."""
    if before is None:
        return Changes(PERIODS, Change())
    change = 0.415 - before
    return Changes(PERIODS, Change(before, change, (change - half, change + half) if half else None))


def said(made: Report, changes: Changes | None = None) -> str:
    return " ".join(headline(made, changes or on(0.366)))


def noted(made: Report, changes: Changes | None = None) -> str:
    return " ".join(notes(made, changes or on(0.366)))


@pytest.mark.parametrize(
    ("high", "low", "sentence"),
    [
        (0.471, 0.372, "the gap from First tier to Third tier shrinks from 13.0 to 9.9 points."),
        (0.49, 0.34, "the gap from First tier to Third tier grows from 13.0 to 15.0 points."),
        (0.48, 0.35, "the gap from First tier to Third tier stays at 13.0 points."),
        (0.40, 0.42, "First tier was 13.0 points above Third tier, and is 2.0 below."),
    ],
)
def test_the_adjusted_gap_is_the_difference_of_adjusted_rates(high: float, low: float, sentence: str) -> None:
    text = said(report(high, low))
    assert "After adjusting for whom they serve, " in text
    assert sentence in text
    assert "10.9" not in text


def test_where_no_pair_differs_that_is_said() -> None:
    alike = PairComparison("一线", "三线", 0.13, z=1.0, p_value=0.3, p_adjusted=0.3)
    made = report(None, None, pairs=[alike])
    assert pair_sentences(made) == ["First tier and Third tier: +13.0 points, p = 0.300"]
    assert pair_sentences(made, differing=True) == ["No two of them differ beyond chance."]
    assert pair_sentences(replace(made, pairs=[replace(alike, p_adjusted=0.04)]), differing=True) != []
    assert pair_sentences(replace(made, pairs=[]), differing=True) == []


def test_withheld_rates_are_named_with_the_reason() -> None:
    made = report(None, None, adjustment=Adjustment(level="withheld", coverage=0.41, dropped=["三线"]))
    assert "Adjusted rates are withheld: only 41\N{NO-BREAK SPACE}%" in said(made)
    assert any("Third tier lacks the most" in note for note in notes(made, on(0.366)))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (on(0.366), 'That is <b class="up">4.9 points above 2024</b>. <span>(+2.9 to +6.9)</span>'),
        (on(0.5), 'That is <b class="down">8.5 points below 2024</b>. <span>(−10.5 to −6.5)</span>'),
        (on(0.4), "In 2024 it was 40.0 %: the difference of +1.5 <span>(−0.5 to +3.5)</span> may be chance."),
        (on(0.366, None), "In 2024 it was 36.6 %, a difference of +4.9."),
        (on(None), "There are no visits in 2024 to compare with."),
        (Changes(reason="The data begins too late."), "The data begins too late."),
    ],
)
def test_a_rise_or_a_fall_is_claimed_only_beyond_chance(changes: Changes, sentence: str) -> None:
    text = said(report(0.47, 0.37), changes).replace("\N{NO-BREAK SPACE}", " ")
    assert sentence in text
    assert ("<b class" in text) == ("<b class" in sentence)


def test_a_period_that_is_not_over_is_named_with_what_it_is_compared_with() -> None:
    periods = ComparedPeriods(
        Period(date(2025, 1, 1), date(2025, 7, 1)), Period(date(2024, 1, 1), date(2024, 7, 1)), truncated=True
    )
    text = noted(report(0.47, 0.37), Changes(periods))
    assert "compared are Jan 2025 to Jun 2025 and Jan 2024 to Jun 2024" in text


def test_a_test_that_finds_nothing_says_so_and_a_thin_one_warns() -> None:
    text = said(report(0.47, 0.37, test=CHI_SQUARE))
    assert "The city tiers differ no more than chance allows <span>(χ² 0.2, p = 0.650)</span>." in text
    assert "only approximate" in text
    assert "The city tiers differ beyond chance <span>(F 57.9, p &lt; 0.001)</span>." in said(report(0.47, 0.37))


def test_notes_say_how_groups_were_compared() -> None:
    text = noted(report(0.47, 0.37, test=replace(F_TEST, phi=2.34)))
    assert "Stores of one group differ more than chance gives (overdispersion 2.3)" in text
    text = noted(report(0.47, 0.37, test=replace(CHI_SQUARE, left_out=("三线",))))
    assert "Left out of the test, with fewer than 30 clients: Third tier." in text
    text = noted(report(0.47, 0.37, test=None, too_few_stores=True))
    assert "at least three more stores than groups" in text
    text = noted(report(0.47, None, adjustment=Adjustment(level="full", coverage=0.9, dropped=["三线"])))
    assert "Without an adjusted rate, as it serves too few kinds of clients: Third tier." in text
    uncertain = Adjustment(level="full", coverage=0.9, by_acquisition=False)
    text = noted(report(0.47, 0.37, adjustment=uncertain, is_acquisition_uncertain=True))
    assert "do not tell new clients from returning ones" in text
    assert "take account of category and time of the first visit" in text


def test_categories_are_not_tested() -> None:
    made = report(None, None, question=replace(QUESTION, by="category"), additive=False, test=None, gap=None)
    assert "the groups are not tested" in said(made)
    assert any("do not add up" in note for note in notes(made, on(0.366)))


def test_notes_name_what_a_reader_has_to_know() -> None:
    made = report(0.47, 0.37, stale_stores=[f"S{n}" for n in range(7)], anonymous_line_share=0.012)
    text = noted(replace(made, as_of=date(2025, 11, 30)))
    assert "Data complete to 30 Nov 2025." in text
    assert "stores S0, S1, S2, S3, S4 and 2 more" in text
    assert "1.2\N{NO-BREAK SPACE}% of lines have no client" in text
