"""The state or result of an import run as a label with a tone, for lists and pages."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.imports.models import ImportRun
from core.imports.runs.inspection import awaits_inspection
from core.imports.runs.state import Status
from core.jobs.models import Job, State


@dataclass(frozen=True)
class Outcome:
    run: ImportRun
    word: Promise
    # good, warn, bad or nothing.
    tone: str

    @property
    def rows(self) -> int | None:
        return self._count("rows")

    @property
    def rejected(self) -> int | None:
        return self._count("rejected")

    @property
    def created(self) -> int | None:
        return None if self.run.dry_run else self._count("created")

    @property
    def updated(self) -> int | None:
        return None if self.run.dry_run else self._count("updated")

    def _count(self, name: str) -> int | None:
        """None if the run failed before rows were counted."""
        value: int | None = self.run.summary.get(name)
        return value


def outcome_of(run: ImportRun, job: Job | None = None) -> Outcome:
    """`job` is the open job of the run, if it has one."""
    if job is not None and job.state == State.WAITING:
        return Outcome(run, _("waiting"), "")
    if job is not None:
        return Outcome(run, _OPEN_JOB[awaits_inspection(run), run.dry_run], "")
    if awaits_inspection(run):
        return Outcome(run, *_INSPECTED[run.status])
    return Outcome(run, *_FINISHED[run.status, run.dry_run and run.status in _CHECKED])


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
