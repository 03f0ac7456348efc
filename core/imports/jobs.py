"""Imports as jobs."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.imports.declaration import IMPORT
from core.imports.runs.execution import record_failure, run_import, run_undo
from core.imports.runs.queueing import JOB, UNDO
from core.jobs.kinds import JobKind, register
from core.jobs.models import Job

_WAITING = _("Waiting for another import of the chain to end")
_TAKING_BACK = _("Taking an import back")
_FACTS = _("Bringing the repurchase figures up to date")
_FINISHING = _("Finishing")


def _file(job: Job) -> str:
    return str(job.arguments["file"])


def _page(job: Job) -> str:
    return reverse("imports:detail", args=[job.arguments["run"]])


register(
    JobKind(
        name=JOB,
        label=_("Import"),
        right=IMPORT,
        run=run_import,
        counts=_("%(done)s of %(total)s lines"),
        rate=_("%(rate)s lines a second"),
        phases={
            "waiting": _WAITING,
            "looking": _("Looking at the file"),
            "reading": _("Reading"),
            "gathering": _("Gathering rows to visits"),
            "loading": _("Comparing with what is known"),
            "taking_back": _TAKING_BACK,
            "facts": _FACTS,
            "done": _FINISHING,
        },
        about=_file,
        url=_page,
        when_failed=record_failure,
        too_long=_("This took longer than a file may take. Nothing of it was kept; bring it in in parts."),
    )
)
register(
    JobKind(
        name=UNDO,
        label=_("Taking an import back"),
        right=IMPORT,
        run=run_undo,
        phases={
            "waiting": _WAITING,
            "comparing": _("Looking for what was changed since"),
            "taking_back": _TAKING_BACK,
            "facts": _FACTS,
            "done": _FINISHING,
        },
        about=_file,
        url=lambda job: reverse("imports:undo", args=[job.arguments["run"]]),
    )
)
