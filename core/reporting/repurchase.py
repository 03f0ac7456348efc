"""M1, the repurchase rate: the one function that answers screen, export, command and API."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from core.reporting.cells import CountedCell, counted_cells, group_counts
from core.reporting.comparison import with_comparison
from core.reporting.completeness import anonymous_line_share, completeness
from core.reporting.labels import Name, names
from core.reporting.report import Breakdown, Group, Question, Report, Total
from core.reporting.statistics.proportions import is_small_sample, wilson
from core.shared.errors import AppError


def repurchase(question: Question, *, ranked: bool = True) -> Report:
    """Answers a question on M1 (metric dictionary, version 1). By store, `ranked` adds the funnel and the ranking,
    which take longer than all the rest.

    Raises AppError: the period is empty, or a filter names what the chain does not have.
    """
    if question.end <= question.start:
        raise AppError("empty_period", _("The period must end after it starts."), field="to")
    cells = counted_cells(question)
    named = names(question.by, {cell.key for cell in cells})
    inside = [cell for cell in cells if cell.inside]
    groups = [_group(question.by, named[key], of_key) for key, of_key in _by_key(inside).items()]
    groups.sort(key=lambda group: group.key)
    so_far = completeness()
    report = Report(
        question=question,
        as_of=so_far.as_of,
        additive=question.by != "category",
        groups=groups,
        adjusted_coverage=None,
        adjustment=None,
        total=_total(question, inside),
        anonymous_line_share=anonymous_line_share(question.start, question.end),
        stale_stores=so_far.stale_stores,
    )
    return with_comparison(report, cells, {raw: name.key for raw, name in named.items()}, ranked=ranked)


@dataclass(frozen=True)
class Rates:
    """The rates of a report without all that surrounds them: what another period is compared with."""

    total: float | None
    groups: Mapping[str, float | None]


def rates(question: Question) -> Rates:
    """Rates of the same counts as `repurchase` gives."""
    cells = counted_cells(question)
    named = names(question.by, {cell.key for cell in cells})
    inside = [cell for cell in cells if cell.inside]
    groups = {named[key].key: _group(question.by, named[key], of_key).rate for key, of_key in _by_key(inside).items()}
    return Rates(_total(question, inside).rate, groups)


def _by_key(cells: Iterable[CountedCell]) -> dict[str, list[CountedCell]]:
    grouped: dict[str, list[CountedCell]] = defaultdict(list)
    for cell in cells:
        grouped[cell.key].append(cell)
    return grouped


def _rate(repeats: int, clients: int) -> float | None:
    return repeats / clients if clients else None


def _group(by: Breakdown, name: Name, cells: Sequence[CountedCell]) -> Group:
    clients = sum(cell.clients for cell in cells)
    repeats = sum(cell.repeats for cell in cells)
    same_store = sum(cell.same_store for cell in cells)
    same_tier = sum(cell.same_tier for cell in cells)
    return Group(
        key=name.key,
        label=name.label,
        clients=clients,
        repeat_clients=repeats,
        rate=_rate(repeats, clients),
        ci95=wilson(repeats, clients),
        small_sample=is_small_sample(clients),
        repeat_same_store=same_store,
        repeat_same_tier=same_tier,
        repeat_elsewhere=repeats - same_store - same_tier,
        repeat_same_staff=sum(cell.same_staff for cell in cells) if by == "staff" else None,
        city_tier=name.city_tier,
    )


def _total(question: Question, cells: Sequence[CountedCell]) -> Total:
    """Each client once (scope store: each client and store once), also where groups overlap."""
    clients = sum(cell.clients for cell in cells)
    repeats = sum(cell.repeats for cell in cells)
    if question.by == "category" and question.category is None:
        repeats, clients = group_counts(replace(question, by="none")).get("all", (0, 0))
    return Total(clients=clients, repeat_clients=repeats, rate=_rate(repeats, clients), ci95=wilson(repeats, clients))
