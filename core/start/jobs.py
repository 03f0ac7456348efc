"""Sample data in and out, as jobs of which a chain has one at a time."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.accounts.models import User
from core.imports.declaration import IMPORT
from core.jobs.kinds import JobKind, register
from core.jobs.models import Job, State
from core.jobs.queue import add_job
from core.jobs.work import Work
from core.shared.errors import AppError
from core.start.services import sample

LOAD, REMOVE = "sample", "sample-removal"
SUBJECT = "sample"


def queue_sample_job(kind: str, *, user: User) -> Job | None:
    """None if another job on the sample is open."""
    try:
        return add_job(kind, subject=SUBJECT, user=user)
    except AppError as error:
        if error.code != "under_way":
            raise
        return None


def last_sample_job() -> Job | None:
    return Job.objects.filter(subject=SUBJECT).order_by("-asked_at").first()


def failure_of(work: Job | None) -> str:
    """The error of the last job, if it failed."""
    return work.error if work is not None and work.state in {State.REFUSED, State.FAILED} else ""


def _load(work: Work) -> None:
    sample.load_sample(acting_user=_user_of(work), on_progress=work.count)


def _remove(work: Work) -> None:
    sample.remove_sample(acting_user=_user_of(work))


def _user_of(work: Work) -> User:
    if work.user is None:
        raise TypeError("Only a user of the chain asks for the sample.")
    return work.user


for name, label, run in (
    (LOAD, _("Putting sample data in"), _load),
    (REMOVE, _("Taking the sample data out"), _remove),
):
    register(
        JobKind(
            name=name,
            label=label,
            right=IMPORT,
            run=run,
            counts=_("%(done)s of %(total)s files"),
            url=lambda _job: reverse("reports:front"),
            too_long=_("This took longer than it may. Try again later."),
        )
    )
