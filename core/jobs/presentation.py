"""Jobs as pages show them."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from core.jobs.kinds import JobKind, kinds
from core.jobs.models import Job, State
from core.jobs.progress import Progress
from core.jobs.queue import LONG_WAIT
from core.shared.figures import count
from core.shared.locks import is_locked, jobs_lock

TONES = {State.DONE: "good", State.REFUSED: "bad", State.FAILED: "bad"}


@dataclass(frozen=True)
class ShownJob:
    """`percent` is None while there is nothing to count; `tone` is good, bad or nothing."""

    job: Job
    kind: JobKind | None
    title: str
    word: str
    tone: str
    percent: int | None = None
    counts: str = ""
    rate: str = ""
    remaining: str = ""
    waits_long: bool = False
    is_lost: bool = False

    @property
    def label(self) -> str:
        return str(self.kind.label) if self.kind else self.job.kind

    @property
    def about(self) -> str:
        return self.kind.about(self.job) if self.kind else ""

    @property
    def url(self) -> str:
        return self.kind.url(self.job) if self.kind else ""

    @property
    def may_be_retried(self) -> bool:
        return self.job.state in {State.FAILED, State.CANCELLED} or self.is_lost

    @property
    def may_be_cancelled(self) -> bool:
        return self.job.is_open and not self.job.cancel_asked


def shown(job: Job) -> ShownJob:
    return shown_jobs([job])[0]


def shown_jobs(jobs: list[Job]) -> list[ShownJob]:
    """Whether anything is at work is looked up once."""
    busy = any(job.is_open for job in jobs) and is_locked(jobs_lock())
    return [_shown(job, busy=busy) for job in jobs]


def _shown(job: Job, *, busy: bool) -> ShownJob:
    kind = kinds().get(job.kind)
    word, tone = job.get_state_display(), TONES.get(State(job.state), "")
    if job.state == State.WAITING:
        title = _("Waiting for other work of the chain to end") if busy else _("Waiting for its turn")
        waits_long = not busy and job.queued_at < timezone.now() - LONG_WAIT
        return ShownJob(job, kind, title, word, tone, waits_long=waits_long)
    if job.state != State.RUNNING or kind is None:
        return ShownJob(job, kind, str(kind.label) if kind else job.kind, word, tone)
    if not busy:
        title = _("The work was interrupted. It begins again by itself within a minute.")
        return ShownJob(job, kind, title, _("interrupted"), "bad", is_lost=True)
    return _running(job, kind, word)


def _running(job: Job, kind: JobKind, word: str) -> ShownJob:
    progress = Progress(**job.progress)
    title = str(kind.phases.get(progress.phase, kind.label))
    if job.cancel_asked:
        title = _("Being cancelled")
    if progress.percent is None:
        return ShownJob(job, kind, title, word, "")
    values = {"done": count(progress.done), "total": count(progress.total), "rate": count(round(progress.rate))}
    return ShownJob(
        job,
        kind,
        title,
        word,
        "",
        progress.percent,
        str(kind.counts) % values,
        str(kind.rate) % values if round(progress.rate) else "",
        _duration(progress.remaining_seconds),
    )


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return _("about %d s left") % max(1, round(seconds))
    return _("about %d min left") % round(seconds / 60)
