"""Restorations as jobs, of the platform."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.jobs.kinds import JobKind, register
from tenants.console.restorations import JOB, restore, when_failed

register(
    JobKind(
        name=JOB,
        label=_("Restoration"),
        right=None,
        run=restore,
        about=lambda job: str(job.arguments["schema"]),
        url=lambda _job: reverse("console:console_restoration_changelist"),
        when_failed=when_failed,
        too_long=_("This took longer than a restoration may. Nothing was kept."),
    )
)
