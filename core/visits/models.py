from datetime import time
from typing import ClassVar, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.catalogue.models import Service, ServiceCategory


class Visit(models.Model):
    """One client's attendance at one store; `day` and `start_time` are the store's local date and time.

    The references of this table and of its lines are not checked by the database: a check costs 12 µs a row, which
    would double the time of a large import (docs/adr). Nothing they point to is ever deleted while it has visits.
    The id is the order of recording.
    """

    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="visits", db_constraint=False, db_index=False
    )
    client = models.ForeignKey(
        "clients.Client", models.PROTECT, null=True, related_name="visits", db_constraint=False, db_index=False
    )
    day = models.DateField(_("date"))
    # 00:00 where the time is not known.
    start_time = models.TimeField(_("time"), default=time(0))
    ref = models.CharField(_("receipt"), max_length=100, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    # Who the visit is to the file it came from: a hash of its store, receipt (or date) and client there. Receipts of
    # several days share it where a till's numbers start again.
    import_key = models.UUIDField(null=True, editable=False)
    # What the file said of it: a hash of its lines, to see whether a file read again says something else.
    import_digest = models.BigIntegerField(null=True, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["client", "day"], name="visits_visit_client_day"),
            models.Index(fields=["store", "day"], name="visits_visit_store_day"),
            models.Index(fields=["import_key"], name="visits_visit_import_key"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.ref}"


class VisitLine(models.Model):
    """A service, product or card sale of a visit. The id is the order of recording.

    Kept when its quantity is above 0; below 0 it is a return, whose amount is negative.
    """

    class Kind(models.TextChoices):
        SERVICE = "service", _("service")
        PRODUCT = "product", _("product")
        CARD_SALE = "card_sale", _("card sale")

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="lines", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SERVICE)
    service = models.ForeignKey("catalogue.Service", models.PROTECT, null=True, db_constraint=False, db_index=False)
    # Without one the line follows its service, whatever category that has by now.
    category = models.ForeignKey(
        "catalogue.ServiceCategory", models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    staff = models.ForeignKey("staff.StaffMember", models.PROTECT, null=True, db_constraint=False, db_index=False)
    quantity = models.DecimalField(_("quantity"), max_digits=10, decimal_places=3, default=1)
    # Net; the value consumed where the line is paid from a course card or stored value.
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    paid_by_card = models.BooleanField(_("paid from a card"), default=False)
    duration_min = models.PositiveIntegerField(_("minutes"), null=True, blank=True)
    rating = models.DecimalField(_("rating"), max_digits=3, decimal_places=1, null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(category__isnull=False) | models.Q(service__isnull=False),
                name="visits_visitline_category_or_service",
            )
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.amount}"

    @property
    def current_category(self) -> ServiceCategory:
        """Its own, else its service's."""
        if self.category is not None:
            return self.category
        return cast("Service", self.service).category


class AppendedLines(models.Model):
    """Lines that a file added to a known visit, so that the same file read again adds nothing. Until a file that holds
    the whole day replaces the visit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    # The sum of the added lines' hashes; see `Visit.import_digest`.
    digest = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["visit", "digest"], name="visits_appended_once")]

    def __str__(self) -> str:
        return f"{self.visit_id}"
