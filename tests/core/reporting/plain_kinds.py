"""Clients by kind, and where and for what they come next, counted the plain way: see `plain`."""

from collections import defaultdict

from core.reporting.question import Question
from tests.core.reporting.plain import tier_code
from tests.core.reporting.plain_metrics import Entered, Receipt, entered, segments

SEGMENTS = {"high": "High value", "mid": "Middle value", "potential": "Potential", "new": "New"}
THIRDS = ("first third", "second third", "last third")
# Who repeat, and all.
Counts = tuple[int, int]


Table = dict[str, Counts]


def kinds(question: Question) -> dict[str, dict[str, Table]]:
    """By characteristic, of each group of the question by the kind's name; member tiers by their codes."""
    splits = ("usual", "category", "acquisition", "member_tier")
    found: dict[str, dict[str, dict[str, list[int]]]] = {
        split: defaultdict(lambda: defaultdict(lambda: [0, 0])) for split in splits
    }
    for one in entered(question):
        for split, name in zip(splits, _names(question, one), strict=True):
            kind = found[split][one.group][name]
            kind[0] += one.repeats
            kind[1] += 1
    return {
        split: {group: {name: (x, n) for name, (x, n) in table.items()} for group, table in groups.items()}
        for split, groups in found.items()
    } | {"value_segment": _segments(question)}


def _segments(question: Question) -> dict[str, Table]:
    return {
        group: {SEGMENTS[name]: (repeats, clients) for name, (clients, repeats, _revenue) in found.items()}
        for group, found in segments(question, reading="year_before").items()
    }


def _names(question: Question, one: Entered) -> tuple[str, str, str, str]:
    first = one.member.first_visit(one.days[0])
    third = THIRDS[3 * (one.days[0] - question.start).days // (question.end - question.start).days]
    return (
        " · ".join((category(first), "new" if one.is_new else "returning", third)),
        category(first),
        "New clients" if one.is_new else "Returning clients",
        tier_code(first.visit) or "none",
    )


def category(receipt: Receipt) -> str:
    return receipt.kept[0].current_category.name
