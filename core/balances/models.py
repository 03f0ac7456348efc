from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class OpeningBalance(models.Model):
    """What a client had left of a course card or of stored value, as another program counted it."""

    class Kind(models.TextChoices):
        TIMES = "times", _("course card")
        AMOUNT = "amount", _("stored value")

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="opening_balances")
    # Where it was bought.
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, null=True, blank=True, related_name="opening_balances", db_index=False
    )
    # What it is for; None: for anything.
    service = models.ForeignKey(
        "catalogue.Service", models.PROTECT, null=True, blank=True, related_name="opening_balances", db_index=False
    )
    item = models.CharField(_("card"), max_length=200, blank=True)
    card_number = models.CharField(_("card number"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TIMES)
    # None on a course card that is not counted, but holds until it expires.
    times_left = models.DecimalField(_("times left"), max_digits=10, decimal_places=3, null=True, blank=True)
    times_bought = models.DecimalField(_("times bought"), max_digits=10, decimal_places=3, null=True, blank=True)
    amount_left = models.DecimalField(_("amount left"), max_digits=14, decimal_places=2, null=True, blank=True)
    # What the chain has given on top, where the file tells it apart.
    bonus_left = models.DecimalField(_("bonus left"), max_digits=14, decimal_places=2, null=True, blank=True)
    amount_bought = models.DecimalField(_("amount bought"), max_digits=14, decimal_places=2, null=True, blank=True)
    price = models.DecimalField(_("price paid"), max_digits=14, decimal_places=2, null=True, blank=True)
    bought_on = models.DateField(_("bought on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=[name], condition=models.Q(**{f"{name}__isnull": False}), name=f"balances_opening_{name}"
            )
            for name in ("store", "service")
        ]

    def __str__(self) -> str:
        return self.item or str(self.Kind(self.kind).label)
