from typing import ClassVar

from django.db import models


class AuditEntry(models.Model):
    """One thing that was done. It names people and objects by value, since they may be gone when it is read.

    The runtime role may add and read rows and do no more: see the first migration.
    """

    at = models.DateTimeField(auto_now_add=True)
    user_id = models.BigIntegerField(null=True)
    # The user's e-mail then, "command line" or "operator …".
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=20, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_label = models.CharField(max_length=200, blank=True)
    # Of the fields that changed.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    ip = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at", "id"], name="audit_when"),
            models.Index(fields=["actor", "at", "id"], name="audit_who"),
            models.Index(fields=["action", "at", "id"], name="audit_what"),
            models.Index(fields=["subject_type", "subject_id", "at", "id"], name="audit_object"),
        ]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action}"
