from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """The record of an erased chain. The name is stored as a keyed hash only, so it can be checked but not listed."""

    name_hash = models.CharField(max_length=64)
    # The schema's name, cleared once the last file is deleted.
    schema = models.CharField(max_length=63, blank=True)
    asked_at = models.DateTimeField(null=True)
    # "owner" or "operator" (empty: unknown); not the person, whose data was erased too.
    asked_by = models.CharField(max_length=20)
    erased_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    # When the last backup with its data is deleted.
    in_backups_until = models.DateField()
    tables = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["-erased_at"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")

    def __str__(self) -> str:
        return f"{self.erased_at:%Y-%m-%d} {self.name_hash[:12]}"


class DomainClaim(models.Model):
    """A domain claimed by a chain; it becomes an address once its DNS holds the token."""

    chain = models.ForeignKey("tenants.Chain", models.CASCADE, related_name="domain_claims")
    domain = models.CharField(max_length=253)
    token = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["chain", "domain"], name="life_claim_once")]

    def __str__(self) -> str:
        return self.domain
