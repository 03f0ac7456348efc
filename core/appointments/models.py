from datetime import time
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Appointment(models.Model):
    """A service that a client has booked; `day` and `start_time` are the store's local date and time."""

    class Status(models.TextChoices):
        BOOKED = "booked", _("booked")
        CONFIRMED = "confirmed", _("confirmed")
        COMPLETED = "completed", _("completed")
        CANCELLED = "cancelled", _("cancelled")
        NO_SHOW = "no_show", _("no-show")

    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="appointments", db_index=False)
    # None where nobody is known.
    client = models.ForeignKey("clients.Client", models.PROTECT, null=True, related_name="appointments", db_index=False)
    staff = models.ForeignKey(
        "staff.StaffMember", models.PROTECT, null=True, related_name="appointments", db_index=False
    )
    service = models.ForeignKey(
        "catalogue.Service", models.PROTECT, null=True, related_name="appointments", db_index=False
    )
    day = models.DateField(_("date"))
    # 00:00 where the time is not known.
    start_time = models.TimeField(_("time"), default=time(0))
    duration_min = models.PositiveIntegerField(_("minutes"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.BOOKED)
    # The number another program gave it; several services of one booking share it.
    ref = models.CharField(_("appointment number"), max_length=100, blank=True)
    note = models.TextField(_("note on the appointment"), blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["store", "day"], name="appointments_store_day"),
            *(
                models.Index(
                    fields=[name, "day"],
                    condition=models.Q(**{f"{name}__isnull": False}),
                    name=f"appointments_{name}_day",
                )
                for name in ("client", "staff")
            ),
            models.Index(fields=["service"], condition=models.Q(service__isnull=False), name="appointments_service"),
            models.Index(fields=["ref"], condition=~models.Q(ref=""), name="appointments_ref"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.ref}".strip()

    @property
    def has_time(self) -> bool:
        return self.start_time != time(0)
