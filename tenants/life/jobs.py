"""Exports as jobs."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.jobs.kinds import JobKind, register
from tenants.life.declaration import MANAGE_CHAIN
from tenants.life.exports import JOB, make_export

register(
    JobKind(
        name=JOB,
        label=_("Export of everything"),
        right=MANAGE_CHAIN,
        run=make_export,
        url=lambda _job: reverse("chain:settings") + "#export",
        too_long=_("The last export took longer than one may and was ended. Nothing of it was kept."),
    )
)
