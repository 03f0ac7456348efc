"""The problems of a chain, for the console."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from core.shared.figures import day
from tenants.console.models import ChainFigures, OpenWork
from tenants.console.open_work.sources import title_of
from tenants.models import Chain, Domain


@dataclass(frozen=True)
class Problem:
    text: str
    # Someone decided it so, such as a suspension; otherwise it is an error.
    is_intended: bool = False


def listed_chains() -> QuerySet[Chain]:
    """Return all chains with the columns of the list, in one query."""
    main = Domain.objects.filter(tenant=OuterRef("pk"), redirects_until=None).order_by("-is_primary", "pk")
    failed = OpenWork.objects.filter(chain=OuterRef("pk"), status=OpenWork.Status.FAILED).order_by("kind")
    return Chain.objects.select_related("figures").annotate(
        address=Subquery(main.values("domain")[:1]),
        failed_kinds=ArraySubquery(failed.values("kind").distinct()),
    )


def get_figures(chain: Chain) -> ChainFigures:
    """Return a chain's figures; empty ones for a new chain."""
    return getattr(chain, "figures", None) or ChainFigures(chain=chain)


def find_problems(chain: Chain) -> list[Problem]:
    """Return the problems of a chain from `listed_chains`."""
    problems = []
    if chain.is_suspended:
        problems.append(Problem(_("suspended"), is_intended=True))
    elif chain.is_unpaid:
        problems.append(Problem(_("read-only, unpaid"), is_intended=True))
    if chain.erase_at is not None:
        problems.append(Problem(_("to be erased on %s") % day(chain.erase_at), is_intended=True))
    if get_figures(chain).migrations_missing:
        problems.append(Problem(_("tables behind")))
    problems += [Problem(_("failed: %s") % title_of(kind)) for kind in getattr(chain, "failed_kinds", [])]
    return problems
