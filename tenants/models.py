from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from core.shared.addresses import chain_url
from core.shared.chain import outside_chain
from core.shared.plans import Entitlements


class Chain(TenantMixin):
    """A salon chain; its records are in the schema of that name."""

    # Only tenants.provisioning creates and drops schemas.
    auto_create_schema = False

    schema_name = models.CharField(_("schema"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=150)
    country = models.CharField(_("country"), max_length=2, default="CN")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    created_at = models.DateTimeField(auto_now_add=True)
    # Suspended: people can read and export, but not change anything.
    read_only_since = models.DateTimeField(null=True)
    read_only_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    # Written by billing: the plan's entitlements (null: no limits), and when trial or paid period end; from then on the
    # chain is read-only.
    allowance = models.JSONField(null=True)
    writable_until = models.DateTimeField(null=True)
    # When a requested erasure happens; until then it can be withdrawn.
    erase_at = models.DateTimeField(null=True)
    erase_asked_at = models.DateTimeField(null=True)
    erase_asked_by = models.CharField(max_length=20, blank=True, default="", db_default="")

    # Set if the requested host is an old address: the current one.
    moved_to: str = ""

    class Meta:
        ordering: ClassVar[list[str]] = ["schema_name"]
        verbose_name = _("chain")
        verbose_name_plural = _("chains")

    def __str__(self) -> str:
        return self.name

    @property
    def is_suspended(self) -> bool:
        return self.read_only_since is not None

    @property
    def is_unpaid(self) -> bool:
        return self.writable_until is not None and self.writable_until <= timezone.now()

    @property
    def is_read_only(self) -> bool:
        return self.is_suspended or self.is_unpaid

    @property
    def entitlements(self) -> Entitlements:
        return Entitlements.from_json(self.allowance)

    def url(self, path: str = "/") -> str:
        """Return the URL of a path at the chain's main domain."""
        return chain_url(self.main_domain.domain, path)

    @property
    def main_domain(self) -> "Domain":
        """Where it answers, and what its other hosts send on to."""
        with outside_chain():
            return Domain.objects.filter(tenant=self, redirects_until=None).order_by("-is_primary", "pk")[0]


class Domain(DomainMixin):
    """A host name of a chain; with `redirects_until` an old one that redirects to the main domain until then."""

    redirects_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.domain)
