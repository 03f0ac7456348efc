"""Why two groups differ, or a group now and before: the gap split by one characteristic of clients."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core.reporting.answers import answer, document
from core.reporting.compare.change import shown_changes
from core.reporting.compare.kinds import Kind, KindCounts, Split, kind_names, splits_of
from core.reporting.compare.strata import knows_new_clients
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.question import Question
from core.reporting.report import Group, Report
from core.reporting.statistics.decomposition import Contribution, Counts, Decomposition, split_gap
from core.reporting.statistics.homogeneity import LEVEL, pair_p_value
from core.reporting.statistics.proportions import is_small_sample
from core.shared.errors import AppError
from core.stores.models import Store
from core.stores.selectors import NOWHERE, places_on
from core.stores.tiers import tier_label

# What a group is set against instead of another group: itself in the period compared with, all of the chain, or (of a
# store) its city tier.
BEFORE, CHAIN, CITY_TIER = "(before)", "(chain)", "(city_tier)"
# Why a gap is not taken apart.
Reason = Literal[
    "",
    "may_be_chance",
    "small_sample",
    "too_few_stores",
    "not_comparable",
    "acquisition_unknown",
    "history_before_too_short",
]
Rows = NDArray[np.bool_]
_CATEGORY, _ACQUISITION = frozenset({"lead_category_id"}), frozenset({"is_new"})


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The keys of the group that is explained and of what it is set against, and what the gap is split by."""

    one: str
    other: str
    split: Split = "usual"


@dataclass(frozen=True)
class Side:
    key: str
    label: str
    repeats: int
    clients: int

    @property
    def value(self) -> float | None:
        return self.repeats / self.clients if self.clients else None


@dataclass(frozen=True, kw_only=True)
class Why:
    """`reason` is why the gap is not taken apart, `told` the same in words where they come from elsewhere."""

    question: Question
    pair: Pair
    one: Side
    other: Side | None = None
    reason: Reason = ""
    told: str = ""
    # Of the test of the two; a group and itself before have the change's interval.
    p: float | None = None
    ci95: tuple[float, float] | None = None
    parts: Decomposition[Kind] | None = None
    names: Mapping[Kind, str] = field(default_factory=dict)

    @property
    def kinds(self) -> list[tuple[Kind, Contribution]]:
        """Those that add most come first."""
        found = self.parts.kinds.items() if self.parts else ()
        return sorted(found, key=lambda item: (-abs(item[1].total), item[0]))


def others_of(question: Question) -> list[str]:
    """What a group of the question can be set against besides another group."""
    dimension, offered = DIMENSIONS[question.by], []
    if question.scope == "chain" and not dimension.overlaps and question.by != "none":
        offered = [CHAIN, *([CITY_TIER] if question.by == "store" else [])]
    return [*offered, *([BEFORE] if question.compare != "none" else [])]


def usual_pair(report: Report) -> Pair | None:
    """What is shown where nothing is chosen: the ends of the gap, else the first group and what stands beside it."""
    if report.gap:
        return Pair(one=report.gap.low.key, other=report.gap.high.key)
    rated = [group.key for group in report.groups if group.value is not None]
    others = [*(rated[1:2] if _can_be_paired(report.question) else []), *reversed(others_of(report.question))]
    return Pair(one=rated[0], other=others[0]) if rated and others else None


def why(question: Question, pair: Pair, data: Data) -> Why:
    """Raises AppError for what cannot be asked."""
    _check(question, pair)
    report = answer(question, data, ranked=False)
    one = _group(report, pair.one, "one")
    if pair.other == BEFORE:
        return _against_before(report, one, pair, data)
    return _against_other(report, one, pair, data)


def _check(question: Question, pair: Pair) -> None:
    if question.metric != "repurchase_rate":
        raise AppError("why_not_offered", _("Only the repurchase rate is split like this."), field="metric")
    offered = splits_of(question)
    if pair.split not in offered:
        text = _("This cannot be split like this. Choose one of: %(allowed)s.")
        raise AppError("split_not_offered", text % {"allowed": ", ".join(offered)}, field="split")
    named = {BEFORE, CHAIN, CITY_TIER}
    if pair.other in named - set(others_of(question)) or (pair.other not in named and not _can_be_paired(question)):
        text = _("This cannot be compared here: the same clients would stand on both sides, or there is no such side.")
        raise AppError("pair_not_offered", text, field="other")
    if pair.one == pair.other:
        raise AppError("pair_not_offered", _("Choose two different groups."), field="other")


def _can_be_paired(question: Question) -> bool:
    """Whether groups share no client."""
    return question.scope == "chain" and not DIMENSIONS[question.by].overlaps


def _group(report: Report, key: str, name: str) -> Group:
    found = next((group for group in report.groups if group.key == key), None)
    if found is None:
        text = _("No client of the period is in “%(key)s”. Choose another group.")
        raise AppError("unknown_group", text % {"key": key[:200]}, field=name)
    return found


def _against_before(report: Report, group: Group, pair: Pair, data: Data) -> Why:
    question, changed = report.question, shown_changes(report.question, data)
    if changed.periods is None:
        one = _side(group, (group.counts["repeat_clients"], group.clients))
        return Why(question=question, pair=pair, one=one, reason="not_comparable", told=changed.reason)
    knows_new = knows_new_clients(changed.periods.before.start, data.completeness.begins)
    without = _without(pair, knows_new) | (_CATEGORY if pair.split == "usual" else frozenset())
    sides = []
    for period in (changed.periods.current, changed.periods.before):
        asked = replace(question, start=period.start, end=period.end)
        counts = KindCounts.of(asked, pair.split, data, without=without)
        sides.append((counts, counts.group(group.key)))
    change = changed.of(group.key)
    reason: Reason = "small_sample" if change.small_sample else "" if change.is_beyond_chance else "may_be_chance"
    found = Why(
        question=question,
        pair=pair,
        one=_side(group, _sum(*sides[0])),
        other=Side(BEFORE, changed.periods.before.label, *_sum(*sides[1])),
        reason=reason,
        ci95=change.ci95,
    )
    return _taken_apart(found, sides, knows_new)


def _against_other(report: Report, group: Group, pair: Pair, data: Data) -> Why:
    knows_new = knows_new_clients(report.question.start, data.completeness.begins)
    without = _without(pair, knows_new)
    counts = KindCounts.of(report.question, pair.split, data, without=without)
    own = counts.group(group.key)
    other, label, theirs, rest = counts, "", np.ones_like(own), ~own
    if pair.other == CITY_TIER:
        other, label, theirs, rest = _city_tier(report.question, group, pair, data, without)
    elif pair.other == CHAIN:
        label = _("the chain")
    else:
        label = _group(report, pair.other, "other").label
        theirs = rest = counts.group(pair.other)
    ours, others = _sum(counts, own), _sum(other, rest)
    p, reason = _chance(report, pair, ours, others)
    found = Why(
        question=report.question,
        pair=pair,
        one=_side(group, ours),
        other=Side(pair.other, label, *_sum(other, theirs)),
        reason=reason,
        p=p,
    )
    return _taken_apart(found, [(counts, own), (other, theirs)], knows_new)


def _city_tier(
    question: Question, group: Group, pair: Pair, data: Data, without: frozenset[str]
) -> tuple[KindCounts, str, Rows, Rows]:
    """Of the tier that the store is in at the period's end: counts, name, the tier's clients, and those of them who
    are of other stores."""
    stores = Store.objects.filter(code=group.key).values_list("pk", flat=True)
    tier = places_on(question.period.last_day).get(stores[0], NOWHERE).city_tier
    if not tier:
        raise AppError("pair_not_offered", _("The store is in no city tier."), field="other")
    asked = replace(question, by="city_tier", store=group.key, region=None, city=None, city_tier=None)
    counts = KindCounts.of(asked, pair.split, data, without=without)
    theirs = counts.anywhere(tier)
    return counts, tier_label(tier), theirs, theirs & ~counts.group(tier)


def _chance(report: Report, pair: Pair, ours: Counts, others: Counts) -> tuple[float | None, Reason]:
    """Whether chance may have made the gap. Of a whole that the group is part of, it is set against the rest."""
    if is_small_sample(ours[1]) or is_small_sample(others[1]):
        return None, "small_sample"
    test = report.test
    if DIMENSIONS[report.question.by].test == "stores" and test is None:
        return None, "too_few_stores"
    adjusted = {frozenset((one.group_1, one.group_2)): one.p_adjusted for one in report.pairs}
    p = adjusted.get(frozenset((pair.one, pair.other)))
    if p is None:
        p = pair_p_value(ours, others, (test.phi if test else None) or 1.0)
    beyond_chance = p < LEVEL and (test is None or test.beyond_chance)
    return p, "" if beyond_chance else "may_be_chance"


def _without(pair: Pair, knows_new: bool) -> frozenset[str]:  # noqa: FBT001
    """Columns that tell no kinds; by acquisition alone it stays one, to be refused."""
    return frozenset() if knows_new or pair.split == "acquisition" else _ACQUISITION


def _taken_apart(found: Why, sides: list[tuple[KindCounts, Rows]], knows_new: bool) -> Why:  # noqa: FBT001
    if found.reason:
        return found
    if not all(counts.is_known for counts, _rows in sides):
        return replace(found, reason="history_before_too_short")
    if found.pair.split == "acquisition" and not knows_new:
        return replace(found, reason="acquisition_unknown")
    (counts, own), (other, theirs) = sides
    parts = split_gap(counts.table(own), other.table(theirs))
    return replace(found, parts=parts, names=kind_names(parts.kinds, counts.columns) if parts else {})


def _side(group: Group, counts: Counts) -> Side:
    return Side(group.key, _("Chain") if group.key == "all" else group.label, *counts)


def _sum(counts: KindCounts, rows: Rows) -> Counts:
    repeats, clients = (int(counts.cells[name][rows].sum()) for name in ("repeat_clients", "clients"))
    return repeats, clients


def document_with_why(question: Question, pair: Pair | None, *, full: bool) -> dict[str, Any]:
    """The contract's document, and why two groups of it differ where a pair is named. Raises AppError."""
    found = document(question, full=full)
    return {**found, "why": why_document(why(question, pair, Data()))} if pair else found


def why_document(found: Why) -> dict[str, Any]:
    """The parts are null where chance may have made the gap, and `reason` says so."""
    one, other, parts = found.one, found.other, found.parts
    return {
        "one": _side_document(one),
        "other": other and _side_document(other),
        "split": found.pair.split,
        "gap": one.value - other.value if other and one.value is not None and other.value is not None else None,
        "p": found.p,
        "gap_ci95": list(found.ci95) if found.ci95 else None,
        "reason": found.reason or None,
        **{name: getattr(parts, attribute, None) for name, attribute in _PARTS.items()},
        "kinds": [
            {
                "label": found.names[kind],
                "clients": [added.first[1], added.second[1]],
                "repeat_clients": [added.first[0], added.second[0]],
                **{name: getattr(added, attribute) for name, attribute in _PARTS.items()},
            }
            for kind, added in found.kinds
        ],
    }


_PARTS = {"mix": "mix", "rate": "rate", "uncovered": "unmatched"}


def _side_document(side: Side) -> dict[str, Any]:
    return {
        "key": side.key,
        "label": side.label,
        "clients": side.clients,
        "repeat_clients": side.repeats,
        "value": side.value,
    }
