from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from core.clients.keys import LONGEST, client_key
from core.shared.chain import current_chain
from core.shared.merged import Mergeable, PresentManager


def _digits(column: str) -> models.Func:
    values = (models.Value(text) for text in ("[^0-9]", "", "g"))
    return models.Func(models.F(column), *values, function="regexp_replace", output_field=models.TextField())


class Client(Mergeable):
    """A client of the chain. `ref` is the number the chain knows the client by; where a store counts its own
    clients, `ref_store` says whose number it is."""

    class Gender(models.TextChoices):
        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")

    # As it was first written.
    ref = models.CharField(_("client number"), max_length=100)
    # What numbers are compared by, see `keys`. Where a client was not written by `save`, imports fill it in.
    ref_key = models.CharField(max_length=LONGEST, null=True, editable=False)
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

    objects: "PresentManager[Client]" = PresentManager()
    known = models.Manager()

    class Meta:
        # Most clients lack what these find: imports of many would write each of them for nothing.
        indexes: ClassVar = [
            models.Index(fields=[name], condition=models.Q(**{f"{name}__isnull": False}), name=f"clients_client_{name}")
            for name in ("ref_store", "store", "referrer")
        ] + [
            models.Index(fields=["id"], condition=models.Q(ref_key=None), name="clients_client_no_key"),
            models.Index(fields=["id"], condition=models.Q(merged_into__isnull=False), name="clients_client_merged"),
            # See `services.matching`.
            models.Index(Right(_digits("phone"), 7), condition=~models.Q(phone=""), name="clients_client_phone_end"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ref_key", "ref_store"],
                nulls_distinct=False,
                condition=models.Q(ref_key__isnull=False),
                name="clients_client_ref_key",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.ref

    def key_of_ref(self) -> str:
        return client_key(self.ref, current_chain().country)

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        self.ref_key = self.key_of_ref()
        if update_fields is not None and "ref" in update_fields:
            update_fields = {*update_fields, "ref_key"}
        super().save(*args, update_fields=update_fields, **kwargs)
