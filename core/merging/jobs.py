"""Merging, and taking that back, as jobs: a store may have a million visits."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.jobs.kinds import JobKind, register
from core.jobs.models import Job
from core.jobs.work import Work
from core.merging.declaration import MERGE
from core.merging.queueing import JOB, UNDO
from core.merging.services.merging import merge_records
from core.merging.services.undoing import undo_merge

_PHASES = {
    "waiting": _("Waiting for an import of the chain to end"),
    "moving": _("Moving records"),
    "taking_back": _("Moving records back"),
    "facts": _("Bringing the repurchase figures up to date"),
}


def _merge(work: Work) -> None:
    said = work.job.arguments
    with transaction.atomic():
        merge_records(
            said["kind"], keep=said["keep"], gone=said["gone"], acting_user=work.user, on_progress=work.report
        )
        work.finish()


def _undo(work: Work) -> None:
    with transaction.atomic():
        undo_merge(work.job.arguments["merge"], acting_user=work.user, on_progress=work.report)
        work.finish()


def _about(job: Job) -> str:
    return str(job.arguments["about"])


def _page(_job: Job) -> str:
    return reverse("merges:list")


register(JobKind(name=JOB, label=_("Merging"), right=MERGE, run=_merge, phases=_PHASES, about=_about, url=_page))
register(
    JobKind(name=UNDO, label=_("Taking a merge back"), right=MERGE, run=_undo, phases=_PHASES, about=_about, url=_page)
)
