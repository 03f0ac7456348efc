"""One job from asking to its end, whatever comes between."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from core.accounts.models import User
from core.jobs.models import Job
from core.jobs.progress import Cancelled
from core.jobs.queue import add_job, cancel_job, delete_old_jobs, retry_job
from core.jobs.running import run_job
from core.jobs.tasks import send_next
from core.jobs.work import Work
from core.shared.errors import AppError
from core.shared.origin import as_operator, current_origin
from core.stores.models import Store
from tenants.models import Chain
from tests.plugins.chains import outside_chains
from tests.plugins.jobs import at_work, message_for, put

Declare = Callable[..., str]
BROKEN = "Something went wrong on our side. Nothing was kept; try again."
TOO_LONG = "This took longer than it may, and was ended. Nothing of it was kept."
pytestmark = pytest.mark.usefixtures("chain")


class Killed(BaseException):
    """Nothing of ours goes on after it."""


def refuse(_work: Work) -> None:
    raise AppError("bad_file", "The file is bad.")


def break_down(_work: Work) -> None:
    raise DatabaseError("KERT01")


def take_too_long(_work: Work) -> None:
    raise SoftTimeLimitExceeded


def be_cancelled(_work: Work) -> None:
    raise Cancelled


def fall_over(_work: Work) -> None:
    raise RuntimeError


@pytest.mark.parametrize(
    ("run", "state", "code", "said"),
    [
        (refuse, "refused", "bad_file", "The file is bad."),
        (break_down, "failed", "failed", BROKEN),
        (take_too_long, "failed", "took_too_long", TOO_LONG),
        (fall_over, "failed", "failed", BROKEN),
        (be_cancelled, "cancelled", "", ""),
    ],
)
def test_how_it_can_end(declare: Declare, hq_user: User, run: Any, state: str, code: str, said: str) -> None:
    """Its kind is told of refusals and failures, in the same transaction."""
    User.objects.update(language="en")
    told: list[str] = []
    job = add_job(declare(run, when_failed=lambda _job, error: told.append(error.code)), user=hq_user)
    message_for(job)
    assert (job.state, job.error, job.finished_at is not None) == (state, said, True)
    assert told == [code for code in [code] if code]


def test_the_result_is_kept_with_what_was_done(declare: Declare, hq_user: User) -> None:
    def run(work: Work) -> None:
        with transaction.atomic():
            Store.objects.create(code=work.job.arguments["code"], name="One")
            work.finish({"stores": 1})

    job = add_job(declare(run), arguments={"code": "S9"}, user=hq_user)
    message_for(job)
    assert (job.state, job.result, Store.objects.filter(code="S9").count()) == ("done", {"stores": 1}, 1)


def test_one_that_was_taken_away_meanwhile_keeps_nothing(
    declare: Declare, hq_user: User, no_worker: pytest.MonkeyPatch
) -> None:
    """The lock was lost with the connection, and another process has begun the job anew."""

    def run(work: Work) -> None:
        Job.objects.filter(pk=work.job.pk).update(started_at=timezone.now())
        with transaction.atomic():
            Store.objects.create(code="S9", name="One")
            work.finish()

    job = add_job(declare(run), user=hq_user)
    message_for(job)
    assert (job.state, Store.objects.count()) == ("running", 0)


def test_a_killed_one_is_begun_again(declare: Declare, hq_user: User) -> None:
    ends = [Killed, None]

    def run(_work: Work) -> None:
        if (end := ends.pop(0)) is not None:
            raise end

    job = add_job(declare(run), user=hq_user)
    with pytest.raises(Killed):
        run_job(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("running", 1)
    message_for(job)
    assert (job.state, job.attempts, ends) == ("done", 2, [])


@pytest.mark.parametrize(("attempts", "state"), [(2, "done"), (3, "failed")])
def test_a_lost_one_is_taken_up_twice(declare: Declare, hq_user: User, attempts: int, state: str) -> None:
    job = add_job(declare(lambda _work: None), user=hq_user)
    put(job, state="running", attempts=attempts)
    message_for(job)
    assert job.state == state


def test_a_lost_one_that_was_to_be_cancelled_is_not_taken_up(declare: Declare, hq_user: User) -> None:
    job = add_job(declare(fall_over), user=hq_user)
    put(job, state="running", attempts=1, cancel_asked=True)
    message_for(job)
    assert job.state == "cancelled"


def test_it_is_done_in_the_language_and_name_of_who_asked(declare: Declare, hq_user: User) -> None:
    def run(work: Work) -> dict[str, Any]:
        assert work.user is not None
        language = translation.get_language()
        return {"language": language, "user": work.user.email, "operator": current_origin().operator}

    User.objects.update(language="zh-hans")
    with as_operator("ops@platform.test"):
        job = add_job(declare(run), user=hq_user)
    message_for(job)
    assert job.result == {"language": "zh-hans", "user": "hq@acme.test", "operator": "ops@platform.test"}


def test_for_nobody_who_is_here_it_is_refused(declare: Declare, hq_user: User) -> None:
    told: list[str] = []
    kind = declare(fall_over, when_failed=lambda _job, error: told.append(error.code))
    gone, left = add_job(kind, user=hq_user), add_job(kind, user=hq_user)
    User.objects.update(is_active=False)
    put(left, user=None)
    for job in (gone, left):
        message_for(job)
        assert job.state == "refused"
    assert told == ["not_allowed", "not_allowed"]


def test_of_a_subject_one_is_open(declare: Declare, hq_user: User) -> None:
    kind = declare(lambda _work: None)
    first = add_job(kind, subject="one", user=hq_user)
    add_job(kind, subject="two", user=hq_user)
    with pytest.raises(AppError) as refused:
        add_job(kind, subject="one", user=hq_user)
    assert refused.value.code == "under_way"
    message_for(first)
    add_job(kind, subject="one", user=hq_user)


def test_started_again_it_is_done_once_more(declare: Declare, hq_user: User) -> None:
    answers = iter([RuntimeError, None])

    def run(_work: Work) -> None:
        if (problem := next(answers)) is not None:
            raise problem

    job = add_job(declare(run), subject="one", user=hq_user)
    message_for(job)
    assert job.state == "failed"
    retry_job(job)
    assert (job.state, job.error, job.attempts) == ("waiting", "", 0)
    message_for(job)
    assert job.state == "done"
    with pytest.raises(AppError):
        retry_job(job)


def test_what_is_at_work_or_has_a_successor_is_not_started_again(declare: Declare, hq_user: User) -> None:
    kind = declare(lambda _work: None)
    job = add_job(kind, subject="one", user=hq_user)
    with at_work(job), pytest.raises(AppError):
        retry_job(job)
    retry_job(job)  # its process is gone
    put(job, state="failed")
    add_job(kind, subject="one", user=hq_user)
    with pytest.raises(AppError) as refused:
        retry_job(job)
    assert refused.value.code == "not_now"


def test_running_it_is_told_to_end(declare: Declare, hq_user: User) -> None:
    job = add_job(declare(lambda _work: None), user=hq_user)
    with at_work(job):
        cancel_job(job)
        assert (job.state, job.cancel_asked) == ("running", True)
    put(job, state="done")
    with pytest.raises(AppError):
        cancel_job(job)


def test_in_their_order_and_no_other_kind_stands_in_the_way(declare: Declare, hq_user: User) -> None:
    """Of an unknown kind: another release's."""
    done: list[str] = []

    def run(work: Work) -> None:
        done.append(work.job.arguments["name"])

    kind = declare(run)
    add_job("of another release", user=hq_user)
    for name in "abc":
        add_job(kind, arguments={"name": name}, user=hq_user)
    send_next()
    assert done == ["a", "b", "c"]


def test_the_platform_has_its_own(declare: Declare, chain: Chain, hq_user: User) -> None:
    where: list[str] = []
    kind = declare(lambda _work: where.append(str(getattr(connection, "schema_name", ""))), label=gettext_lazy("Job"))
    with outside_chains(), as_operator("ops@platform.test"):
        job = add_job(kind)
        send_next(job)
        job.refresh_from_db()
        assert (job.state, job.asked_by) == ("done", "operator ops@platform.test")
    assert where == ["public"]
    assert not Job.objects.exists()


def test_old_ones_are_deleted_and_open_ones_stay(declare: Declare, hq_user: User) -> None:
    kind = declare(lambda _work: None)
    old, open_one, young = (add_job(kind, user=hq_user) for _ in range(3))
    long_ago = timezone.now() - timedelta(days=31)
    put(old, state="done", finished_at=long_ago)
    put(open_one, finished_at=long_ago)
    put(young, state="done", finished_at=timezone.now())
    assert delete_old_jobs() == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {open_one.pk, young.pk}
