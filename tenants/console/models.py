from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.jobs import models as jobs


class ChainFigures(models.Model):
    """A chain's size, activity and schema version as last read, for the list of chains.

    Stored because a chain's tables are open to its own role only; see tenants.console.chain_figures.
    """

    chain = models.OneToOneField("tenants.Chain", models.CASCADE, related_name="figures", primary_key=True)
    taken_at = models.DateTimeField(null=True)
    # Bytes in the database, indexes included.
    size = models.BigIntegerField(null=True)
    users = models.PositiveIntegerField(null=True)
    clients = models.PositiveBigIntegerField(null=True)
    visits = models.PositiveBigIntegerField(null=True)
    # Time of the last audit entry by one of its users.
    last_active_at = models.DateTimeField(null=True)
    # Latest migration applied, number of missing ones, and why the last run failed.
    schema_version = models.CharField(max_length=255, blank=True)
    migrations_missing = models.PositiveIntegerField(default=0)
    migration_problem = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.chain_id}"


class Restorations(models.Manager["Restoration"]):
    def get_queryset(self) -> models.QuerySet["Restoration"]:
        return super().get_queryset().filter(kind="restoration")


class Restoration(jobs.Job):
    """An archive that an operator has uploaded, and the new chain made of it; see tenants.console.restorations."""

    objects: ClassVar = Restorations()

    class Meta:
        proxy = True
        ordering: ClassVar = ["-asked_at"]
        verbose_name = _("restoration")
        verbose_name_plural = _("restorations")


class OpenWork(models.Model):
    """Background work that waits or has failed, as last looked up: tenants.console.open_work. Done, it is gone."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("Kind"), max_length=20)
    # Empty for the platform's own.
    chain = models.ForeignKey(
        "tenants.Chain", models.CASCADE, null=True, related_name="open_work", verbose_name=_("Salon chain")
    )
    # What its kind knows it by.
    reference = models.CharField(max_length=64)
    status = models.CharField(_("Status"), max_length=10, choices=Status)
    problem = models.TextField(_("Problem"), blank=True)
    since = models.DateTimeField(_("Since"))

    class Meta:
        ordering: ClassVar = ["-since"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "chain", "reference"], nulls_distinct=False, name="console_open_work_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class OperatorAction(models.Model):
    """An action of an operator, with names by value, since people and chains may be gone when it is read."""

    at = models.DateTimeField(_("When"), auto_now_add=True, db_index=True)
    # E-mail.
    operator = models.CharField(_("Operator"), max_length=254)
    chain = models.ForeignKey("tenants.Chain", models.SET_NULL, null=True, related_name="operator_actions")
    chain_name = models.CharField(_("Salon chain"), max_length=200, blank=True)
    what = models.CharField(_("What"), max_length=300)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        verbose_name = _("action")
        verbose_name_plural = _("actions")

    def __str__(self) -> str:
        return f"{self.operator}: {self.what}"
