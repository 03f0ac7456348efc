from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Contact(models.Model):
    """A store got in touch with a client, or the client wants no more of that; `day` is the store's local date.

    "Do not contact" holds until it is lifted, whatever is recorded later: so it holds after a merge too.
    """

    class Kind(models.TextChoices):
        CALLED = "called", _("Called")
        MESSAGE = "message", _("Message sent")
        DO_NOT_CONTACT = "do_not_contact", _("Do not contact")

    client = models.ForeignKey("clients.Client", models.CASCADE, related_name="contacts", db_index=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="contacts", db_index=False)
    day = models.DateField(_("date"))
    kind = models.CharField(_("what was done"), max_length=14, choices=Kind)
    note = models.CharField(pgettext_lazy("contact", "note"), max_length=500, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    lifted_on = models.DateField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["client", "day"], name="followup_contact_client_day"),
            models.Index(fields=["store", "day"], name="followup_contact_store_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"

    @property
    def is_block(self) -> bool:
        return self.kind == self.Kind.DO_NOT_CONTACT

    @property
    def blocks(self) -> bool:
        return self.is_block and self.lifted_on is None
