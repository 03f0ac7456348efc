"""Imports as jobs."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.imports.declaration import IMPORT
from core.imports.runs.execution import record_failure, run_import
from core.imports.runs.queueing import JOB
from core.jobs.kinds import JobKind, register

register(
    JobKind(
        name=JOB,
        label=_("Import"),
        right=IMPORT,
        run=run_import,
        counts=_("%(done)s of %(total)s lines"),
        rate=_("%(rate)s lines a second"),
        phases={
            "waiting": _("Waiting for another import of the chain to end"),
            "looking": _("Looking at the file"),
            "reading": _("Reading"),
            "gathering": _("Gathering rows to visits"),
            "loading": _("Comparing with what is known"),
            "facts": _("Bringing the repurchase figures up to date"),
            "done": _("Finishing"),
        },
        about=lambda job: str(job.arguments["file"]),
        url=lambda job: reverse("imports:detail", args=[job.arguments["run"]]),
        when_failed=record_failure,
        too_long=_("This took longer than a file may take. Nothing of it was kept; bring it in in parts."),
    )
)
