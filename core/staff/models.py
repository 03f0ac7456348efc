from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.shared.merged import Mergeable, PresentManager


class StaffMember(Mergeable):
    code = models.CharField(_("staff code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=150)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="staff")
    role = models.CharField(pgettext_lazy("of a staff member", "role"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    hired_on = models.DateField(_("hired on"), null=True, blank=True)

    objects: "PresentManager[StaffMember]" = PresentManager()
    known = models.Manager()

    def __str__(self) -> str:
        return self.name
