from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """By the name of the model."""

    STORE = "store", _("Store")
    STAFF = "staffmember", _("Staff member")
    SERVICE = "service", _("Service")
    CATEGORY = "servicecategory", _("Category")
    CLIENT = "client", _("Client")


class Merge(models.Model):
    """One record that was merged into another; both may be renamed later, so their names then are kept."""

    kind = models.CharField(max_length=20, choices=Kind)
    keep_id = models.BigIntegerField()
    gone_id = models.BigIntegerField()
    keep_label = models.CharField(max_length=320)
    gone_label = models.CharField(max_length=320)
    # How many records were moved, by table.
    moved = models.JSONField(default=dict)
    # What the kept record lacked and got of the other, by column.
    filled = models.JSONField(default=dict)
    merged_at = models.DateTimeField(auto_now_add=True)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # What taking it back came to: counts, and what was kept by name.
    undo = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["-merged_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.gone_label} → {self.keep_label}"


class MovedRecords(models.Model):
    """Records of a table that a merge moved: what a column of theirs held, and what it holds since. Kept until
    the merge is taken back."""

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="+")
    table = models.CharField(max_length=63)
    column = models.CharField(max_length=63)
    before = models.BigIntegerField()
    after = models.BigIntegerField(null=True)
    ids = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.merge_id}: {len(self.ids)} of {self.table}"


class DifferentClients(models.Model):
    """Two who look like the same person and are not; the lower id is the first."""

    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first_id", "second_id"], name="merging_different_once")
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"


class AlikeClients(models.Model):
    """Two who look like the same person, as they were found last; the lower id is the first."""

    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    reason = models.CharField(max_length=10)

    class Meta:
        # In the order in which they are shown.
        indexes: ClassVar = [models.Index(fields=["-second_id", "first_id"], name="merging_alike_newest")]

    def __str__(self) -> str:
        return f"{self.first_id} ? {self.second_id}"
