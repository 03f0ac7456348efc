import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Set in the options of a run whose file has to be inspected first.
TO_INSPECT = "look"


class Kind(models.TextChoices):
    STORES = "stores", _("Stores")
    STAFF = "staff", _("Staff")
    SERVICES = "services", _("Services")
    CLIENTS = "clients", _("Clients")
    VISITS = "visits", _("Visits")
    BALANCES = "balances", _("Cards and stored value")
    APPOINTMENTS = "appointments", _("Appointments")


class ImportRun(models.Model):
    """A file on its way in through the page: what it is, what was found, and what the last work on it came to.

    While it is worked on, an open job says so: see core.imports.jobs.
    """

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("to be checked")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    dry_run = models.BooleanField(default=True)
    # The person's own name for the file; the file itself lies under the chain's folder until it is deleted.
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=255)
    # Of its bytes, by which the same file is known under another name.
    file_digest = models.CharField(max_length=64, blank=True, db_default="")
    rejects_path = models.CharField(max_length=255, blank=True)
    files_deleted_at = models.DateTimeField(null=True)
    options = models.JSONField(default=dict)
    summary = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    # By table, the columns by which it is told whether what the import made and changed is still as it left it. None
    # where that was not recorded.
    journal = models.JSONField(null=True)
    # What taking it back would come to, or has.
    undo = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"

    @property
    def is_imported(self) -> bool:
        return self.status == self.Status.DONE and not self.dry_run

    @property
    def awaits_inspection(self) -> bool:
        return bool(self.options.get(TO_INSPECT))

    @property
    def job_subject(self) -> str:
        return f"import {self.pk}"


class Upload(models.Model):
    """A file on its way up in pieces. It is of use to the person who began it alone, until an import takes it over."""

    # Its folder has this name too, and stays the import's.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_name = models.CharField(max_length=255)
    # Bytes: of the whole file, and of its beginning that is here.
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    # When the file was changed last, as the browser says it in milliseconds: with name and size it tells the same file.
    modified = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    touched_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.file_name}: {self.received} of {self.size}"

    @property
    def is_whole(self) -> bool:
        return self.received == self.size


class MadeRecords(models.Model):
    """Some of the records of a table that an import made, with a digest of each as it was then."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+")
    table = models.CharField(max_length=63)
    # The first of their ids, and all of them; none where they follow each other.
    first = models.BigIntegerField(null=True)
    ids = ArrayField(models.BigIntegerField(), null=True)
    digests = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.run_id}: {len(self.digests)} of {self.table}"


class ChangedRecord(models.Model):
    """A record that an import changed: the columns that differ, before and after; or all of it with its parts as it was
    before, and a digest of what it was after."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+")
    table = models.CharField(max_length=63)
    record_id = models.BigIntegerField()
    before = models.JSONField()
    after = models.JSONField(null=True)
    digest = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.run_id}: {self.table} {self.record_id}"


class ImportProfile(models.Model):
    """How files with one set of headings are read: what the chain said of its columns, and its answers to questions."""

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=100)
    # The names of the columns in their order, and a hash of them in any order, by which a file is recognised.
    headings = models.JSONField(default=list)
    headings_hash = models.CharField(max_length=64, editable=False)
    # Those of an import that stay true for the next file, see `core.imports.services.profiles`.
    options = models.JSONField(default=dict)
    used_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["kind", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "headings_hash"], name="imports_profile_once"),
            models.UniqueConstraint(fields=["kind", "name"], name="imports_profile_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
