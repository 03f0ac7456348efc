"""Files as people upload them, and the way of one through the pages."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from core.accounts.models import User
from core.imports.models import ImportRun
from core.imports.runs.queueing import job_of
from core.jobs.models import Job
from core.stores.models import Store
from tests.plugins.chains import ChainClient

RECEIPTS = (
    "Receipt,Date,Description,Client,Amount\n"
    "1,03/15/2018,Cut,KERT01,82\n"
    "2,04/16/2018,Cut,KERT01,70\n"
    "3,04/17/2018,Colour,COOM01,120\n"
)


class Importer:
    """Someone of headquarters at the import pages."""

    def __init__(self, client: ChainClient) -> None:
        self.client = client

    def upload(self, content: str | bytes, kind: str = "visits", name: str = "receipts.csv", query: str = "") -> Any:
        data = content.encode() if isinstance(content, str) else content
        form = {"kind": kind, "file": SimpleUploadedFile(name, data)}
        return self.client.post(f"/imports/new/{query}", form)

    def uploaded(self, content: str | bytes, kind: str = "visits", name: str = "receipts.csv") -> ImportRun:
        response = self.upload(content, kind, name)
        assert response.status_code == 302, response.content.decode()
        return self.run(response)

    def run(self, response: Any) -> ImportRun:
        return ImportRun.objects.get(pk=response.headers["Location"].split("/")[2])

    def said(self, run: ImportRun) -> dict[str, str]:
        """The form as the page shows it, as a browser would send it."""
        form = self.client.get(f"/imports/{run.pk}/").context["form"]
        found = {}
        for field in form:
            value = field.value()
            if value is True:
                found[field.html_name] = "on"
            elif value not in {None, False}:
                found[field.html_name] = str(value)
        return found

    def check(self, run: ImportRun, **changes: str | None) -> Any:
        form = {name: value for name, value in {**self.said(run), **changes}.items() if value is not None}
        response = self.client.post(f"/imports/{run.pk}/", form)
        run.refresh_from_db()
        return response

    def bring_in(self, run: ImportRun, **form: str) -> Any:
        response = self.client.post(f"/imports/{run.pk}/import/", form)
        run.refresh_from_db()
        return response


def job_of_run(run: ImportRun) -> Job:
    """Its open job."""
    job = job_of(run)
    assert job is not None
    return job


@pytest.fixture
def files(tmp_path: Path, settings: Settings) -> Path:
    """Where uploads lie during the test."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def importer(files: Path, hq_client: ChainClient) -> Importer:
    User.objects.update(language="en")
    return Importer(hq_client)


@pytest.fixture
def receipts(importer: Importer, store: Store) -> ImportRun:
    """A file from the till of store S001, uploaded and not yet checked."""
    return importer.uploaded(RECEIPTS)
