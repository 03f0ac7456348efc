from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffMember(models.Model):
    code = models.CharField(_("staff code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=150)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="staff")
    role = models.CharField(_("role"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    hired_on = models.DateField(_("hired on"), null=True, blank=True)

    def __str__(self) -> str:
        return self.name
