"""What a run has come to, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.imports.models import ImportRun
from core.imports.runs.looking import is_look
from core.imports.runs.state import Status
from core.jobs.models import Job, State


@dataclass(frozen=True)
class Row:
    run: ImportRun
    word: Promise
    # good, warn, bad or nothing.
    tone: str

    @property
    def rows(self) -> int | None:
        return self._said("rows")

    @property
    def rejected(self) -> int | None:
        return self._said("rejected")

    @property
    def created(self) -> int | None:
        return None if self.run.dry_run else self._said("created")

    @property
    def updated(self) -> int | None:
        return None if self.run.dry_run else self._said("updated")

    def _said(self, name: str) -> int | None:
        """None where it did not come to counting."""
        found: int | None = self.run.summary.get(name)
        return found


def row_of(run: ImportRun, job: Job | None = None) -> Row:
    """With its open job, if it has one."""
    if job is not None and job.state == State.WAITING:
        return Row(run, _("waiting"), "")
    if job is not None:
        return Row(run, _OF_WORK[is_look(run), run.dry_run], "")
    if is_look(run):
        return Row(run, *_OF_LOOKS[run.status])
    return Row(run, *_VERDICTS[run.status, run.dry_run and run.status in _OF_CHECKS])


_OF_WORK: dict[tuple[bool, bool], Promise] = {
    (True, True): _("being looked at"),
    (True, False): _("being looked at"),
    (False, True): _("being checked"),
    (False, False): _("being imported"),
}
_OF_LOOKS: dict[str, tuple[Promise, str]] = {
    Status.UPLOADED: (_("to be looked at"), ""),
    Status.REFUSED: (_("cannot be read"), "bad"),
    Status.FAILED: (_("to be looked at"), ""),
}
_OF_CHECKS = {Status.DONE, Status.REFUSED}
_VERDICTS: dict[tuple[str, bool], tuple[Promise, str]] = {
    (Status.UPLOADED, False): (_("to be checked"), ""),
    (Status.DONE, True): (_("checked, not imported"), "warn"),
    (Status.DONE, False): (_("imported"), "good"),
    (Status.REFUSED, True): (_("to be mended"), "bad"),
    (Status.REFUSED, False): (_("refused, nothing kept"), "bad"),
    (Status.FAILED, False): (_("failed, nothing kept"), "bad"),
}
