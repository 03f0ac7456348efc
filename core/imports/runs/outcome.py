"""The state or result of an import run as a label with a tone, for lists and pages."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.imports.models import ImportRun
from core.imports.runs.queueing import UNDO
from core.imports.services.questions import Question, question_from_json
from core.jobs.models import Job, State

Status = ImportRun.Status


@dataclass(frozen=True)
class Outcome:
    run: ImportRun
    word: Promise
    # good, warn, bad or nothing.
    tone: str

    @property
    def counts(self) -> list[int | None]:
        """Rows, new, changed and left out; None where nothing was counted, or nothing came in."""
        names = ("rows", None, None, "rejected") if self.run.dry_run else ("rows", "created", "updated", "rejected")
        return [self.run.summary.get(name) for name in names]


def outcome_of(run: ImportRun, job: Job | None = None) -> Outcome:
    """`job` is the open job of the run, if it has one."""
    if job is not None and job.state == State.WAITING:
        return Outcome(run, _("waiting"), "")
    if job is not None and job.kind == UNDO:
        return Outcome(run, _("being taken back"), "")
    if job is not None:
        return Outcome(run, _OPEN_JOB[run.awaits_inspection, run.dry_run], "")
    if run.undone_at is not None:
        return Outcome(run, _("taken back"), "")
    if run.awaits_inspection:
        return Outcome(run, *_INSPECTED[run.status])
    return Outcome(run, *_FINISHED[run.status, run.dry_run and run.status in _CHECKED])


def questions_of(run: ImportRun) -> list[Question]:
    """What the last work on the file asked, answered or not."""
    return [question_from_json(document) for document in run.summary.get("questions", ())]


_OPEN_JOB: dict[tuple[bool, bool], Promise] = {
    (True, True): _("being looked at"),
    (True, False): _("being looked at"),
    (False, True): _("being checked"),
    (False, False): _("being imported"),
}
_INSPECTED: dict[str, tuple[Promise, str]] = {
    Status.UPLOADED: (_("to be looked at"), ""),
    Status.REFUSED: (_("cannot be read"), "bad"),
    Status.FAILED: (_("to be looked at"), ""),
}
_CHECKED = {Status.DONE, Status.REFUSED}
_FINISHED: dict[tuple[str, bool], tuple[Promise, str]] = {
    (Status.UPLOADED, False): (_("to be checked"), ""),
    (Status.DONE, True): (_("checked, not imported"), "warn"),
    (Status.DONE, False): (_("imported"), "good"),
    (Status.REFUSED, True): (_("to be mended"), "bad"),
    (Status.REFUSED, False): (_("refused, nothing kept"), "bad"),
    (Status.FAILED, False): (_("failed, nothing kept"), "bad"),
}
