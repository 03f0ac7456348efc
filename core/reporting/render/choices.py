"""What else could be asked: each choice a link."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.catalogue.models import ServiceCategory
from core.membership.models import MemberTier
from core.reporting.dimensions import DIMENSIONS, category_label
from core.reporting.metrics import METRICS
from core.reporting.periods import Period, presets
from core.reporting.question import NONE_KEY, Basis, Compare, Question, Scope
from core.reporting.render.links import other_metric, query
from core.shared.chain import chain_today
from core.stores.selectors import has_groups
from core.stores.tiers import tier_label

SCOPE_TITLES: dict[Scope, Promise] = {
    "chain": pgettext_lazy("scope", "Chain"),
    "store": pgettext_lazy("scope", "Same store"),
}
BASIS_TITLES: dict[Basis, Promise] = {
    "visit": pgettext_lazy("basis", "Visits"),
    "purchase": pgettext_lazy("basis", "Purchases"),
}
COMPARISON_TITLES: dict[Compare, Promise] = {
    "year_before": pgettext_lazy("compared with", "Year before"),
    "period_before": pgettext_lazy("compared with", "Period before"),
}


@dataclass(frozen=True)
class Choice:
    title: str | Promise
    url: str
    current: bool
    # What stands beside it, smaller.
    note: str = ""


@dataclass(frozen=True)
class Menu:
    """A filter: what it is set to, and its choices."""

    title: str | Promise
    on: bool
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Narrowing:
    """A place the question is narrowed to, with the link that widens it again."""

    title: str
    widened: str


def breakdowns(question: Question) -> list[Choice]:
    """By store group only where the chain has any."""
    offered = [by for by in METRICS[question.metric].breakdowns if by != "store_group" or has_groups()]
    return _choices(question, "by", [(by, DIMENSIONS[by].title) for by in offered if by != "none"])


def metrics(question: Question, page: Callable[[Question], str]) -> list[Choice]:
    """The same question on each metric, on the page of such a question."""
    return [
        Choice(metric.title, page(other_metric(question, metric)), metric.code == question.metric)
        for metric in METRICS.values()
    ]


def horizons(question: Question) -> list[Choice]:
    offered = sorted(METRICS[question.metric].horizons)
    return _choices(question, "within", [(days, _("%(days)s days") % {"days": days}) for days in offered])


def scopes(question: Question) -> list[Choice]:
    return _choices(question, "scope", SCOPE_TITLES.items())


def bases(question: Question) -> list[Choice]:
    return _choices(question, "basis", BASIS_TITLES.items())


def comparisons(question: Question) -> list[Choice]:
    return _choices(question, "compare", COMPARISON_TITLES.items())


def periods(question: Question, as_of: date, begins: date) -> list[Choice]:
    """Presets as of today, with their days."""
    return [
        Choice(title, query(question, start=period.start, end=period.end), period == question.period, note)
        for title, period, note in preset_periods(as_of, begins)
    ]


def preset_periods(as_of: date, begins: date) -> list[tuple[str, Period, str]]:
    """Their names, and what stands beside them."""
    return [
        (
            preset.name or preset.days,
            preset.period,
            " · ".join(filter(None, (preset.days if preset.name else "", "" if preset.has_data else _("no data")))),
        )
        for preset in presets(chain_today(), as_of, begins)
    ]


def category_menu(question: Question) -> Menu:
    names = ServiceCategory.objects.order_by("name").values_list("name", flat=True)
    return _menu(question, "category", _("All categories"), [(name, category_label(name)) for name in names])


def member_tier_menu(question: Question) -> Menu:
    tiers = [*MemberTier.objects.values_list("code", "name"), (NONE_KEY, str(DIMENSIONS["member_tier"].none))]
    return _menu(question, "member_tier", _("All members"), tiers)


def _menu(question: Question, field: str, all_title: str, titled: Sequence[tuple[str, str]]) -> Menu:
    choices = _choices(question, field, [(None, all_title), *titled])
    title = next((choice.title for choice in choices if choice.current), all_title)
    return Menu(title, getattr(question, field) is not None, choices)


def _choices(question: Question, field: str, titled: Iterable[tuple[object, str | Promise]]) -> list[Choice]:
    chosen = getattr(question, field)
    return [Choice(title, query(question, **{field: value}), value == chosen) for value, title in titled]


def narrowings(question: Question) -> list[Narrowing]:
    named = {
        "region": question.region,
        "city_tier": tier_label(question.city_tier) if question.city_tier else None,
        "city": question.city,
        "store_group": _("no group") if question.store_group == NONE_KEY else question.store_group,
        "store": question.store,
    }
    return [Narrowing(title, query(question, **{field: None})) for field, title in named.items() if title]
