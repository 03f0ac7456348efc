from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberTier(models.Model):
    """A tier of the chain's scheme, by rising rank."""

    code = models.CharField(_("code"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=100)
    rank = models.PositiveSmallIntegerField(_("rank"), default=0)

    class Meta:
        ordering: ClassVar = ["rank", "code"]

    def __str__(self) -> str:
        return self.name


class ClientTier(models.Model):
    """The tier a client holds from a date on, until the client's next row."""

    client = models.ForeignKey("clients.Client", models.CASCADE, related_name="tiers")
    tier = models.ForeignKey(MemberTier, models.PROTECT, related_name="+")
    valid_from = models.DateField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "valid_from"], name="membership_tier_from")]

    def __str__(self) -> str:
        return f"{self.client_id}: {self.tier_id} from {self.valid_from}"
