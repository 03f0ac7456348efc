"""Mail that could not be delivered, of a chain or the platform."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy

from core.mail.models import OutgoingMail
from core.mail.outbox import MAX_ATTEMPTS
from core.mail.queue import retry_delivery
from tenants.console.models import OpenWork
from tenants.console.open_work.sources import Source, Status, register

# Of a chain: more of the same say no more.
MOST = 100
_ADDRESS = re.compile(r"[^\s<>\"'@]{1,64}@[^\s<>\"']{1,255}")


def find_mail() -> Iterator[OpenWork]:
    """What could not be delivered. Whom it is for stays in the chain."""
    for mail in OutgoingMail.objects.filter(attempts__gt=0).order_by("-created_at")[:MOST]:
        status = Status.FAILED if mail.attempts >= MAX_ATTEMPTS else Status.WAITING
        problem = _ADDRESS.sub("…", mail.error)
        yield OpenWork(reference=str(mail.pk), status=status, since=mail.created_at, problem=problem)


def retry_mail(reference: str, _operator: str) -> None:
    retry_delivery(int(reference))


register(Source(name="mail", title=gettext_lazy("Mail of a chain"), find=find_mail, retry=retry_mail, in_chain=True))
register(Source(name="platform-mail", title=gettext_lazy("Mail of the platform"), find=find_mail, retry=retry_mail))
