from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Client(models.Model):
    """A client of the chain. `ref` is the number the chain knows the client by; where a store counts its own
    clients, `ref_store` says whose number it is."""

    class Gender(models.TextChoices):
        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")

    ref = models.CharField(_("client number"), max_length=100)
    ref_store = models.ForeignKey(
        "stores.Store", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, null=True, blank=True, related_name="clients", db_index=False
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    gender = models.CharField(_("gender"), max_length=10, choices=Gender, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    # Month and day, as in 05-12, where the year is not known.
    birthday = models.CharField(_("birthday"), max_length=5, blank=True, default="", db_default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    backup_phone = models.CharField(_("backup phone"), max_length=40, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    occupation = models.CharField(_("occupation"), max_length=100, blank=True)
    education = models.CharField(_("education"), max_length=100, blank=True)
    joined_on = models.DateField(_("record opened on"), null=True, blank=True)
    referrer = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="referred", db_index=False
    )

    class Meta:
        # Most clients lack what these find: imports of many would write each of them for nothing.
        indexes: ClassVar = [
            models.Index(fields=[name], condition=models.Q(**{f"{name}__isnull": False}), name=f"clients_client_{name}")
            for name in ("ref_store", "store", "referrer")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ref", "ref_store"], nulls_distinct=False, name="clients_client_ref")
        ]

    def __str__(self) -> str:
        return self.name or self.ref
