"""Work that is kept in a chain's own schema: its mail and its imports."""

import re
from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tenants.utils import tenant_context

from core.imports.models import ImportRun
from core.imports.runs import starting, state
from core.jobs.base import send_next
from core.mail.models import OutgoingMail
from core.mail.outbox import MOST_ATTEMPTS, deliver_again
from core.shared.chain import ChainInfo, current_chain
from core.shared.errors import AppError
from tenants.console.jobs.kinds import Found, Kind, Status, register

# Of a chain and a kind: more of the same say no more.
MOST = 100
KEPT = timedelta(days=14)
_ADDRESS = re.compile(r"[^\s<>\"'@]{1,64}@[^\s<>\"']{1,255}")


def find_mail() -> Iterator[Found]:
    """What could not be delivered. Whom it is for stays in the chain."""
    for mail in OutgoingMail.objects.filter(attempts__gt=0).order_by("-created_at")[:MOST]:
        status = Status.FAILED if mail.attempts >= MOST_ATTEMPTS else Status.WAITING
        problem = _ADDRESS.sub("…", mail.error)
        yield Found(reference=str(mail.pk), status=status, since=mail.created_at, problem=problem)


def retry_mail(reference: str, _operator: str) -> None:
    deliver_again(int(reference))


def find_imports() -> Iterator[Found]:
    """Those that failed on our side, or whose worker is gone. What a file lacks is for its people to mend."""
    open_runs = ImportRun.objects.exclude(status__in=[ImportRun.Status.DONE, ImportRun.Status.REFUSED])
    recent = open_runs.filter(created_at__gt=timezone.now() - KEPT, files_deleted_at=None)
    for run in recent.exclude(status=ImportRun.Status.UPLOADED)[:MOST]:
        since = run.finished_at or run.started_at or run.created_at
        if run.status == ImportRun.Status.FAILED:
            problem = str(run.summary.get("refusal", {}).get("message", ""))
            yield Found(reference=str(run.pk), status=Status.FAILED, since=since, problem=problem)
        elif state.is_interrupted(run):
            yield Found(
                reference=str(run.pk),
                status=Status.FAILED,
                since=since,
                problem=str(state.interrupted().message),
            )
        elif state.is_left_waiting(run):
            yield Found(reference=str(run.pk), status=Status.WAITING, since=since)


def retry_import(reference: str, _operator: str) -> None:
    """As the person who brought the file. Raises AppError: the person or the file is gone, under way, done."""
    run = ImportRun.objects.select_related("created_by").filter(pk=reference).first()
    if run is None or run.created_by is None:
        raise AppError("nobody_to_import", _("The person who started this import is no longer here."), status=409)
    if run.status != ImportRun.Status.QUEUED:
        starting.queue(run, user=run.created_by, dry_run=run.dry_run)
    chain = current_chain()
    transaction.on_commit(lambda: _send_next(chain), robust=True)


def _send_next(chain: ChainInfo) -> None:
    """By the time of the commit the chain has been left."""
    with tenant_context(chain):
        send_next()


register(Kind(name="mail", title=gettext_lazy("Mail of a chain"), find=find_mail, retry=retry_mail, in_chain=True))
register(Kind(name="platform-mail", title=gettext_lazy("Mail of the platform"), find=find_mail, retry=retry_mail))
register(Kind(name="import", title=gettext_lazy("Import"), find=find_imports, retry=retry_import, in_chain=True))
