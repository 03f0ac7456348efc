"""A chain's usage of what plans limit, and whether a plan covers it. Called inside the chain."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.plans import Plan
from core.shared.chain import outside_chain
from core.staff.models import StaffMember
from core.stores.models import Store
from tenants.life.addresses import is_platform_host
from tenants.models import Chain, Domain


@dataclass(frozen=True)
class Usage:
    stores: int
    staff: int
    # The chain's own domains, without those under the platform's host.
    domains: tuple[str, ...]

    @property
    def quantity(self) -> int:
        """The number of stores to pay for."""
        return max(1, self.stores)


def get_usage(chain: Chain) -> Usage:
    with outside_chain():
        domains = list(Domain.objects.filter(tenant=chain, redirects_until=None).values_list("domain", flat=True))
    own = tuple(sorted(domain for domain in domains if not is_platform_host(domain)))
    return Usage(Store.objects.open().count(), StaffMember.objects.count(), own)


def limit_violations(plan: Plan, *, stores: int, usage: Usage) -> list[str]:
    """Return a sentence for each limit of the plan that the chain exceeds."""
    allowed = plan.entitlements(stores)
    violations = []
    if allowed.stores is not None and usage.stores > allowed.stores:
        message = ngettext(
            "%(used)d stores are open and %(allowed)d is covered: close %(over)d first.",
            "%(used)d stores are open and %(allowed)d are covered: close %(over)d first.",
            allowed.stores,
        )
        violations.append(_format(message, usage.stores, allowed.stores))
    if allowed.staff is not None and usage.staff > allowed.staff:
        message = _("There are %(used)d staff and %(allowed)d are covered: %(over)d have to go first.")
        violations.append(_format(message, usage.staff, allowed.staff))
    if usage.domains and not allowed.own_domain:
        message = _("A domain of your own is not part of it: remove %s first, under “Settings”.")
        violations.append(message % ", ".join(usage.domains))
    return violations


def _format(message: str, used: int, allowed: int) -> str:
    return message % {"used": used, "allowed": allowed, "over": used - allowed}
