"""Exports of tables as jobs."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.exports.declaration import EXPORT_TABLES
from core.exports.services.exports import JOB, make_export
from core.jobs.kinds import JobKind, register

register(
    JobKind(
        name=JOB,
        label=_("Data export"),
        right=EXPORT_TABLES,
        run=make_export,
        counts=_("%(done)s of %(total)s tables"),
        url=lambda _job: reverse("exports:list"),
    )
)
