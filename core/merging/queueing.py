"""The jobs of merges."""

from core.accounts.models import User
from core.jobs.models import Job, State
from core.jobs.queue import add_job
from core.jobs.tasks import send_next
from core.merging.models import Merge
from core.merging.services.labels import record_label
from core.merging.services.merging import check_pair
from core.merging.services.undoing import refuse_undo
from core.shared.merged import Mergeable

JOB, UNDO = "merge", "undo_merge"
# Of those that came to nothing, so many are shown beside the merges.
SHOWN = 3


def queue_merge(kind: str, *, keep: Mergeable, gone: Mergeable, user: User) -> None:
    """Raises AppError where both are the same, or the one that goes is being merged already."""
    check_pair(keep.pk, gone.pk)
    about = f"{record_label(gone)} → {record_label(keep)}"
    arguments = {"kind": kind, "keep": keep.pk, "gone": gone.pk, "about": about}
    send_next(add_job(JOB, subject=f"merge {kind} {gone.pk}", arguments=arguments, user=user))


def queue_undo(merge: Merge, *, user: User) -> None:
    """Raises AppError where there is nothing to take back, or that is under way."""
    refuse_undo(merge)
    arguments = {"merge": merge.pk, "about": str(merge)}
    subject = f"merge {merge.kind} {merge.gone_id}"
    send_next(add_job(UNDO, subject=subject, arguments=arguments, user=user))


def unfinished_jobs() -> list[Job]:
    """Those under way, and the last that came to nothing."""
    jobs = Job.objects.filter(kind__in=[JOB, UNDO]).exclude(state=State.DONE).select_related("user")
    return list(jobs.order_by("-queued_at")[:SHOWN])
