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
from core.reporting.metrics import METRICS, metric_of
from core.reporting.periods import presets
from core.reporting.question import NONE_KEY, Basis, Question, Scope
from core.reporting.render.links import other_metric, query
from core.stores.tiers import tier_label

SCOPE_TITLES: dict[Scope, Promise] = {
    "chain": pgettext_lazy("scope", "Chain"),
    "store": pgettext_lazy("scope", "Same store"),
}
BASIS_TITLES: dict[Basis, Promise] = {
    "visit": pgettext_lazy("basis", "Visits"),
    "purchase": pgettext_lazy("basis", "Purchases"),
}


@dataclass(frozen=True)
class Choice:
    title: str | Promise
    url: str
    current: bool


@dataclass(frozen=True)
class Menu:
    """A filter: what it is set to, and its choices."""

    title: str
    on: bool
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Narrowing:
    """A place the question is narrowed to, with the link that widens it again."""

    title: str
    widened: str


def breakdowns(question: Question) -> list[Choice]:
    return [
        Choice(DIMENSIONS[by].title, query(question, by=by), by == question.by)
        for by in metric_of(question.metric).breakdowns
        if by != "none"
    ]


def metrics(question: Question, page: Callable[[Question], str]) -> list[Choice]:
    """The same question on each metric, on the page of such a question."""
    return [
        Choice(metric.title, page(other_metric(question, metric)), metric.code == question.metric)
        for metric in METRICS.values()
    ]


def horizons(question: Question) -> list[Choice]:
    return [
        Choice(_("%(days)s days") % {"days": days}, query(question, within=days), days == question.within)
        for days in sorted(metric_of(question.metric).horizons)
    ]


def scopes(question: Question) -> list[Choice]:
    return [
        Choice(title, query(question, scope=scope), scope == question.scope) for scope, title in SCOPE_TITLES.items()
    ]


def bases(question: Question) -> list[Choice]:
    return [
        Choice(title, query(question, basis=basis), basis == question.basis) for basis, title in BASIS_TITLES.items()
    ]


def periods(question: Question, as_of: date, begins: date) -> list[Choice]:
    """Presets seen from the data's last and first days."""
    return [
        Choice(
            preset.name,
            query(question, start=preset.period.start, end=preset.period.end),
            preset.period == question.period,
        )
        for preset in presets(as_of, begins)
    ]


def category_menu(question: Question) -> Menu:
    names = ServiceCategory.objects.order_by("name").values_list("name", flat=True)
    return _menu(question, "category", _("All categories"), [(name, category_label(name)) for name in names])


def member_tier_menu(question: Question) -> Menu:
    tiers = [*MemberTier.objects.values_list("code", "name"), (NONE_KEY, _("none"))]
    return _menu(question, "member_tier", _("All members"), tiers)


def _menu(question: Question, field: str, all_title: str, named: Iterable[tuple[str, str]]) -> Menu:
    chosen = getattr(question, field)
    choices = [Choice(all_title, query(question, **{field: None}), current=chosen is None)]
    title = all_title
    for key, label in named:
        choices.append(Choice(label, query(question, **{field: key}), key == chosen))
        title = label if key == chosen else title
    return Menu(title, chosen is not None, choices)


def narrowings(question: Question, store_name: str = "") -> list[Narrowing]:
    named = {
        "region": question.region,
        "city_tier": tier_label(question.city_tier) if question.city_tier else None,
        "city": question.city,
        "store": store_name or question.store,
    }
    return [Narrowing(title, query(question, **{field: None})) for field, title in named.items() if title]
