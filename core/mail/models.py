from typing import ClassVar

from django.db import models


class OutgoingMail(models.Model):
    """A message that waits for its delivery; once delivered, the row is gone."""

    created_at = models.DateTimeField(auto_now_add=True)
    from_email = models.CharField(max_length=254)
    to = models.JSONField()
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    # Tries so far, and why the last of them failed.
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(auto_now_add=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["next_attempt_at"], name="mail_outgoing_next")]

    def __str__(self) -> str:
        return f"{self.subject} ({self.attempts})"
