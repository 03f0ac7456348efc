import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    # By what was given; who asked for it can mend that.
    REFUSED = "refused", _("refused")
    # On our side.
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


OPEN = (State.WAITING, State.RUNNING)


class Job(models.Model):
    """A piece of background work: what is to be done for whom, how far it is, and what it came to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The name of a `core.jobs.kinds.JobKind`.
    kind = models.CharField(max_length=40)
    # What it works on, if that bears only one job at a time.
    subject = models.CharField(max_length=100, blank=True)
    arguments = models.JSONField(default=dict)
    # On whose behalf; nobody where an operator of the platform acts for the chain.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # E-mail of the operator who asked for it.
    operator = models.CharField(max_length=254, blank=True)
    # Who asked, for people to read.
    asked_by = models.CharField(max_length=270, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    # As `core.jobs.progress.Progress`; written while the job's own transaction is open.
    progress = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    # Its place in line.
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=models.Q(state__in=["waiting", "running"]) & ~models.Q(subject=""),
                name="jobs_one_of_a_subject",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN
