"""Why two groups differ: one sentence, a picture of what each kind of client adds, and the choice of the two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.reporting.compare.kinds import SPLIT_TITLES, splits_of
from core.reporting.compare.periods import before_of
from core.reporting.metrics.units import RATE
from core.reporting.question import Question
from core.reporting.render.charts.contributions import Bar, contributions_chart
from core.reporting.render.charts.renderer import chart
from core.reporting.render.charts.theme import LINE, SERIES, SHADE
from core.reporting.statistics.decomposition import Contribution
from core.reporting.why import BEFORE, CHAIN, CITY_TIER, Pair, Reason, Side, Why, others_of
from core.shared.figures import from_to, p_value, percent, points

# Kinds in the picture; the others are added up.
SHOWN = 8
_REASONS: Mapping[Reason, Promise] = {
    "may_be_chance": gettext_lazy("This may be chance, so it is not broken down."),
    "small_sample": gettext_lazy("One side has fewer than 30 clients, so the gap is not broken down."),
    "too_few_stores": gettext_lazy("There are too few stores to tell this from chance, so it is not broken down."),
    "acquisition_unknown": gettext_lazy(
        "The data begins less than a year before, so new clients cannot be told from returning ones."
    ),
    "history_before_too_short": gettext_lazy(
        "The data does not reach 365 days back before the period, so there are no value segments."
    ),
}


@dataclass(frozen=True)
class Select:
    """A choice of the form: name, title, and values with their labels."""

    name: str
    title: str
    chosen: str
    options: Sequence[tuple[str, str]]


def selects(question: Question, pair: Pair, groups: Sequence[tuple[str, str]]) -> list[Select]:
    """`groups`: keys and labels of those to choose from; without any the group that is explained is given."""
    titles = {
        CHAIN: _("Chain"),
        CITY_TIER: _("Its city tier"),
        BEFORE: _("Itself, %(period)s") % {"period": before_of(question).label},
    }
    others = [(key, titles[key]) for key in others_of(question)]
    if CHAIN in dict(others):
        others = [*groups, *others]
    splits = [(split, str(SPLIT_TITLES[split])) for split in splits_of(question)]
    return [
        *([Select("one", _("Why does"), pair.one, groups)] if groups else []),
        Select("other", _("differ from") if groups else _("Compared with"), pair.other, others),
        Select("split", _("Split by"), pair.split, splits),
    ]


def sentence(found: Why) -> SafeString:
    if found.other is None or found.one.value is None or found.other.value is None:
        return format_html("{}", found.told)
    gap = _gap(found.one, found.other, found.one.value - found.other.value)
    if found.parts is None:
        reason, chance = _REASONS.get(found.reason, ""), _chance(found)
        if not chance:
            return format_html(_("{gap}. {reason}"), gap=gap, reason=reason)
        return format_html(_("{gap} <span>({chance})</span>. {reason}"), gap=gap, chance=chance, reason=reason)
    text = _("{gap}: {mix} from a different mix of clients, {rate} from how often the same kinds come back.")
    if abs(found.parts.unmatched) >= RATE.smallest:
        text = _(
            "{gap}: {mix} from a different mix of clients, {rate} from how often the same kinds come back, {only} from "
            "kinds that only one of them serves."
        )
    parts = {"mix": found.parts.mix, "rate": found.parts.rate, "only": found.parts.unmatched}
    told = format_html(text, gap=gap, **{name: points(part) for name, part in parts.items()})
    # What is the other way round does not make the gap.
    gap_is = 1 if found.parts.gap > 0 else -1
    most = max(found.kinds, key=lambda item: gap_is * item[1].total)
    return format_html(
        _("{told} “{kind}” makes the largest difference <span>({added} points)</span>."),
        told=told,
        kind=found.names[most[0]],
        added=points(most[1].total),
    )


def _gap(one: Side, other: Side, gap: float) -> SafeString:
    text = (
        _("{one} is {points} points above {other} <span>({rate} against {before})</span>")
        if gap > 0
        else _("{one} is {points} points below {other} <span>({rate} against {before})</span>")
    )
    return format_html(
        text,
        one=one.label,
        other=other.label,
        points=points(abs(gap)).lstrip("+"),
        rate=percent(one.value),
        before=percent(other.value),
    )


def _chance(found: Why) -> str:
    if found.p is not None:
        return f"p {p_value(found.p)}"
    return from_to(*map(points, found.ci95)) if found.ci95 else ""


def _shown(found: Why) -> list[tuple[str, Contribution]]:
    """What adds most; the rest together."""
    kinds = [(found.names[kind], added) for kind, added in found.kinds]
    rest = [added for _label, added in kinds[SHOWN:]]
    if not rest:
        return kinds
    label = ngettext("one other kind", "%(n)s other kinds", len(rest)) % {"n": len(rest)}
    return [*kinds[:SHOWN], (label, _together(rest))]


def _together(added: Sequence[Contribution]) -> Contribution:
    first, second = (
        (sum(getattr(one, side)[0] for one in added), sum(getattr(one, side)[1] for one in added))
        for side in ("first", "second")
    )
    mix, rate, unmatched = (sum(getattr(one, part) for one in added) for part in ("mix", "rate", "unmatched"))
    return Contribution(first, second, mix=mix, rate=rate, unmatched=unmatched)


def why_chart(found: Why) -> SafeString:
    if found.parts is None:
        return SafeString("")
    shown = _shown(found)
    bars = [bar for row, (label, added) in enumerate(shown) for bar in _bars(row, label, added)]
    return chart(
        lambda width: contributions_chart([label for label, _added in shown], bars, width=width),
        label=_("What each kind of client adds to the gap; the table below has the numbers"),
        broad=True,
    )


def _bars(row: int, label: str, added: Contribution) -> list[Bar]:
    if added.unmatched:
        return [_bar(row, label, added.total, LINE, 0)]
    return [_bar(row, label, added.mix, SHADE, -7), _bar(row, label, added.rate, SERIES, 7)]


def _bar(row: int, label: str, added: float, colour: str, offset: int) -> Bar:
    return Bar(row, added, points(added), colour, offset, f"{label}: {points(added)}")


@dataclass(frozen=True)
class KindRow:
    label: str
    cells: Sequence[tuple[str, str]]


def why_rows(found: Why) -> list[KindRow]:
    """Share and rate on either side, and the parts: text and class of each cell."""
    sides = (found.one, found.other or found.one)
    return [KindRow(found.names[kind], _cells(sides, added)) for kind, added in found.kinds]


def _cells(sides: Sequence[Side], added: Contribution) -> list[tuple[str, str]]:
    both = list(zip((added.first, added.second), sides, strict=True))
    shares = [percent(clients / side.clients) for (_repeats, clients), side in both]
    rates = [percent(repeats / clients if clients else None) for (repeats, clients), _side in both]
    parts = (added.mix, added.rate, added.unmatched)
    return [
        *((text, "extra") for text in (*shares, *rates)),
        *((points(part), "") for part in parts),
        (points(added.total), "strong"),
    ]


def why_context(found: Why) -> dict[str, Any]:
    parts = found.parts
    return {
        "why": found,
        "sentence": sentence(found),
        "chart": why_chart(found),
        "rows": why_rows(found) if parts else [],
        "totals": [points(part) for part in (parts.mix, parts.rate, parts.unmatched, parts.gap)] if parts else [],
        "sides": [found.one, found.other],
    }
