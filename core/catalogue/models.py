from django.db import models
from django.utils.translation import gettext_lazy as _

from core.shared.merged import Mergeable, PresentManager

# The category of a line that neither its row nor its service gives one.
UNCATEGORISED = "uncategorised"


class ServiceCategory(Mergeable):
    """A kind of service; its name (trimmed, case kept) is the key reports use."""

    name = models.CharField(_("category"), max_length=100, unique=True)

    objects: "PresentManager[ServiceCategory]" = PresentManager()
    known = models.Manager()

    def __str__(self) -> str:
        return self.name


class Service(Mergeable):
    code = models.CharField(_("service code"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=200)
    category = models.ForeignKey(ServiceCategory, models.PROTECT, related_name="services")
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2, null=True, blank=True)
    duration_min = models.PositiveIntegerField(_("minutes"), null=True, blank=True)
    interval_days = models.PositiveIntegerField(_("days to the next visit"), null=True, blank=True)

    objects: "PresentManager[Service]" = PresentManager()
    known = models.Manager()

    def __str__(self) -> str:
        return self.name
