"""M1, the repurchase rate: the one function that answers screen, export, command and API."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import attrgetter

from django.utils.translation import gettext as _

from core.reporting.cells import Sums, counted_cells, group_sums
from core.reporting.comparison import with_comparison
from core.reporting.completeness import Completeness, anonymous_line_share, completeness
from core.reporting.labels import Name, keys_of, names
from core.reporting.report import Breakdown, Group, Question, Report, Total
from core.reporting.statistics.proportions import is_small_sample, wilson
from core.shared.errors import AppError


def repurchase(question: Question, *, ranked: bool = True, so_far: Completeness | None = None) -> Report:
    """Answers a question on M1 (metric dictionary, version 1). By store, `ranked` adds the funnel and the ranking,
    which take longer than all the rest. `so_far` is how far the data reaches, where the caller knows.

    Raises AppError: the period is empty, or a filter names what the chain does not have.
    """
    if question.end <= question.start:
        raise AppError("empty_period", _("The period must end after it starts."), field="to")
    counted = counted_cells(question)
    named, sums = names(question.by, set(counted.keys)), counted.sums()
    groups = sorted((_group(question.by, named[key], of_key) for key, of_key in sums.items()), key=attrgetter("key"))
    so_far = so_far or completeness()
    report = Report(
        question=question,
        as_of=so_far.as_of,
        additive=question.by != "category",
        groups=groups,
        adjusted_coverage=None,
        adjustment=None,
        total=_total(question, sums),
        anonymous_line_share=anonymous_line_share(question.start, question.end),
        stale_stores=so_far.stale_stores,
    )
    return with_comparison(report, counted, {raw: name.key for raw, name in named.items()}, ranked=ranked)


@dataclass(frozen=True)
class Rates:
    """The rates of a report without all that surrounds them: what another period is compared with."""

    total: float | None
    groups: Mapping[str, float | None]


def rates(question: Question) -> Rates:
    """Rates of the same counts as `repurchase` gives."""
    counts = group_sums(question)
    keys = keys_of(question.by, set(counts))
    groups = {keys[key]: _rate(sums["repeats"], sums["clients"]) for key, sums in counts.items()}
    return Rates(_total(question, counts).rate, groups)


def _rate(repeats: int, clients: int) -> float | None:
    return repeats / clients if clients else None


def _group(by: Breakdown, name: Name, sums: Sums) -> Group:
    clients, repeats = sums["clients"], sums["repeats"]
    return Group(
        key=name.key,
        label=name.label,
        clients=clients,
        repeat_clients=repeats,
        rate=_rate(repeats, clients),
        ci95=wilson(repeats, clients),
        small_sample=is_small_sample(clients),
        repeat_same_store=sums["same_store"],
        repeat_same_tier=sums["same_tier"],
        repeat_elsewhere=repeats - sums["same_store"] - sums["same_tier"],
        repeat_same_staff=sums["same_staff"] if by == "staff" else None,
        city_tier=name.city_tier,
    )


def _total(question: Question, counts: Mapping[str, Sums]) -> Total:
    """Each client once (scope store: each client and store once), also where groups overlap."""
    if question.by == "category" and question.category is None:
        counts = group_sums(replace(question, by="none"))
    clients, repeats = (sum(sums[name] for sums in counts.values()) for name in ("clients", "repeats"))
    return Total(clients=clients, repeat_clients=repeats, rate=_rate(repeats, clients), ci95=wilson(repeats, clients))
