"""What is not as it should be with a chain, in words."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from core.shared.figures import day
from tenants.console.models import ChainFigures, Job
from tenants.console.open_work.sources import title_of
from tenants.models import Chain, Domain


@dataclass(frozen=True)
class Trouble:
    text: str
    # Someone has decided it so; else something has gone wrong.
    is_meant: bool = False


def listed_chains() -> QuerySet[Chain]:
    """Each with what the list shows of it, in one statement."""
    main = Domain.objects.filter(tenant=OuterRef("pk"), redirects_until=None).order_by("-is_primary", "pk")
    failed = Job.objects.filter(chain=OuterRef("pk"), status=Job.Status.FAILED).order_by("kind")
    return Chain.objects.select_related("figures").annotate(
        address=Subquery(main.values("domain")[:1]),
        failed_kinds=ArraySubquery(failed.values("kind").distinct()),
    )


def figures_of(chain: Chain) -> ChainFigures:
    """Empty ones for a chain that has only just been made."""
    return getattr(chain, "figures", None) or ChainFigures(chain=chain)


def troubles_of(chain: Chain) -> list[Trouble]:
    """Of a chain of `listed_chains`."""
    found = []
    if chain.is_suspended:
        found.append(Trouble(_("suspended"), is_meant=True))
    elif chain.is_unpaid:
        found.append(Trouble(_("read-only, unpaid"), is_meant=True))
    if chain.erase_at is not None:
        found.append(Trouble(_("to be erased on %s") % day(chain.erase_at), is_meant=True))
    if figures_of(chain).migrations_missing:
        found.append(Trouble(_("tables behind")))
    found += [Trouble(_("failed: %s") % title_of(kind)) for kind in getattr(chain, "failed_kinds", [])]
    return found


STATES = {
    "suspended": Q(read_only_since__isnull=False),
    "erasure": Q(erase_at__isnull=False),
    "behind": Q(figures__migrations_missing__gt=0),
    "failed": Q(jobs__status=Job.Status.FAILED),
}


def in_state(chains: QuerySet[Chain], state: str) -> QuerySet[Chain]:
    if state == "unpaid":
        return chains.filter(writable_until__lte=timezone.now())
    return chains.filter(STATES[state]).distinct() if state in STATES else chains
