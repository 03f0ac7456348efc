"""A new chain from an archive that an operator has uploaded, made in the background as a job of the platform."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.jobs.models import Job
from core.jobs.queue import add_job
from core.jobs.tasks import send_after_commit
from core.jobs.work import Work
from core.shared.addresses import chains_host
from core.shared.errors import AppError
from core.shared.origin import as_operator
from tenants.console.action_log import log_action
from tenants.life.restoration import restore_chain
from tenants.provisioning.checks import clean_domain, clean_name
from tenants.signup import address_names

# The kind of their jobs.
JOB = "restoration"
KEPT = timedelta(days=7)
FIELD = "archive"


def place_of(job: Job) -> Path:
    return folder() / f"{job.pk}.zip"


def folder() -> Path:
    """Beside the exports of the chains: a schema's name has no dot."""
    return Path(settings.EXPORT_ROOT) / ".restorations"


def ask_restoration(*, acting_user: User, archive: Path, file_name: str, address: str, name: str = "") -> Job:
    """`archive` is moved to where it stays until the chain is there. Raises AppError: no possible address or name."""
    schema = checked_address(address)
    arguments = {
        "schema": schema,
        # As in the archive where empty.
        "name": clean_name(name) if name.strip() else "",
        "file": file_name[-255:],
        "size": archive.stat().st_size,
    }
    with transaction.atomic(), as_operator(acting_user.email):
        job = add_job(JOB, arguments=arguments, user=acting_user)
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        archive.replace(place_of(job))
        log_action(acting_user, asked_for(schema))
        send_after_commit(job)
    return job


def asked_for(schema: str) -> str:
    """As it stands in the log."""
    return f"Restoration as {schema} asked for"


def checked_address(address: str) -> str:
    """The schema of an address; what is wrong with it names the form's field."""
    schema = address_names.clean_name(address).replace("-", "_")
    try:
        clean_domain(domain_of(schema), schema=schema)
    except AppError as error:
        raise AppError(error.code, error.message, field="address", status=error.status) from error
    return schema


def domain_of(schema: str) -> str:
    return f"{schema.replace('_', '-')}.{chains_host()}"


def restore(work: Work) -> None:
    """The background's part. That it is done is known as soon as the chain is there: tried again, it would be taken."""
    arguments, archive = work.job.arguments, place_of(work.job)
    if not archive.is_file():
        raise AppError("archive_gone", _("The archive has been deleted. Upload it again."), status=410)
    with transaction.atomic():
        restore_chain(
            archive=archive,
            schema=arguments["schema"],
            domain=domain_of(arguments["schema"]),
            name=arguments["name"] or None,
            on_progress=work.count,
        )
        work.finish()
    archive.unlink(missing_ok=True)


def when_failed(job: Job, error: AppError) -> None:
    """A refused archive is of no use to anyone; one that failed on our side can be tried again."""
    if error.status < 500:
        transaction.on_commit(lambda: place_of(job).unlink(missing_ok=True), robust=True)


def delete_old_archives() -> None:
    """Those of restorations that nobody tried again, and of what a killed process left."""
    before = (timezone.now() - KEPT).timestamp()
    for path in folder().glob("*"):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
