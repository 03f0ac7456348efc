from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin


class Chain(TenantMixin):
    """A salon chain; its records are in the schema of that name."""

    # Made and dropped by tenants.provisioning alone.
    auto_create_schema = False

    schema_name = models.CharField(_("schema"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=150)
    country = models.CharField(_("country"), max_length=2, default="CN")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["schema_name"]

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):
    """A host name at which a chain answers."""

    def __str__(self) -> str:
        return str(self.domain)
