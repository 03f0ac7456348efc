"""Where an import stands."""

from collections.abc import Iterable

from core.imports.models import ImportRun
from core.jobs.models import OPEN, Job

Status = ImportRun.Status
# The kind of its jobs.
JOB = "import"


def subject_of(run: ImportRun) -> str:
    return f"import {run.pk}"


def job_of(run: ImportRun) -> Job | None:
    """The job that is to do it, or is at it."""
    return jobs_of([run]).get(subject_of(run))


def jobs_of(runs: Iterable[ImportRun]) -> dict[str, Job]:
    """The open ones, by subject."""
    jobs = Job.objects.filter(kind=JOB, state__in=OPEN, subject__in=[subject_of(run) for run in runs])
    return {job.subject: job for job in jobs}


def is_imported(run: ImportRun) -> bool:
    return run.status == Status.DONE and not run.dry_run
