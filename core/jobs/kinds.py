"""The kinds of jobs. An app declares its own in a module `jobs.py`, which registers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from core.accounts.models import User
from core.accounts.rights import Right
from core.jobs.models import Job
from core.shared.errors import AppError

if TYPE_CHECKING:
    from core.jobs.work import Work


_TOO_LONG = _("This took longer than it may, and was ended. Nothing of it was kept.")


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """What all jobs of a kind have in common.

    `run` does the work, in the chain of the job or outside any, and gives what is to be kept as its result. It has to
    bear being run again after its process was killed: by one transaction that also says `work.finish()`, or by doing
    nothing that is done already.
    """

    name: str
    label: Promise
    # Whose holders see, start again and cancel such jobs of their chain; None for the platform's own.
    right: Right | None
    run: Callable[["Work"], Mapping[str, Any] | None]
    # How counted progress is put, with `%(done)s` and `%(total)s`, and its speed, with `%(rate)s`.
    counts: str | Promise = ""
    rate: str | Promise = ""
    # What the phases of the progress are called.
    phases: Mapping[str, Promise] = field(default_factory=dict)
    # More of one job than the label, and where what it works on or has made is shown.
    about: Callable[[Job], str] = lambda _job: ""
    url: Callable[[Job], str] = lambda _job: ""
    # Called in the transaction in which a job is noted as refused or failed.
    when_failed: Callable[[Job, AppError], None] = lambda _job, _error: None
    too_long: Promise = _TOO_LONG


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    _kinds[kind.name] = kind


def kinds() -> dict[str, JobKind]:
    """All of them, by name."""
    _load()
    return _kinds


def kinds_seen_by(user: User) -> list[str]:
    return [kind.name for kind in kinds().values() if kind.right is not None and user.may(kind.right)]


@cache
def _load() -> None:
    autodiscover_modules("jobs")
