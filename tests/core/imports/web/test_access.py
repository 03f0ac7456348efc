"""Imports are headquarters' own, chain by chain."""

import pytest
from django_tenants.utils import tenant_context

from core.imports.models import ImportProfile, ImportRun
from tenants.models import Chain
from tests.plugins.chains import ChainClient
from tests.plugins.imports import RECEIPTS, Importer

READ = ["/imports/", "/imports/new/", "/imports/{run}/", "/imports/{run}/undo/"]
DONE = ["/imports/{run}/rejects.csv"]
CHANGED = [
    "/imports/new/",
    "/imports/{run}/",
    "/imports/{run}/import/",
    "/imports/{run}/answers/",
    "/imports/{run}/again/",
    "/imports/{run}/undo/",
]
ALL = sorted({*READ, *DONE, *CHANGED})
NO_GET = ["/imports/{run}/import/", "/imports/{run}/answers/", "/imports/{run}/again/"]
NO_POST = ["/imports/", "/imports/{run}/rejects.csv"]


@pytest.mark.parametrize("path", READ)
def test_headquarters_may(importer: Importer, receipts: ImportRun, path: str) -> None:
    assert importer.client.get(path.format(run=receipts.pk)).status_code == 200


@pytest.mark.parametrize("path", ALL)
def test_a_manager_may_not(manager_client: ChainClient, receipts: ImportRun, path: str) -> None:
    address = path.format(run=receipts.pk)
    assert manager_client.get(address).status_code == 403
    assert manager_client.post(address).status_code == 403
    assert 'href="/imports/"' not in manager_client.get("/stores/").content.decode()


@pytest.mark.parametrize("path", ALL)
def test_strangers_are_sent_to_sign_in(
    anonymous_client: ChainClient, other_client: ChainClient, receipts: ImportRun, path: str
) -> None:
    address = path.format(run=receipts.pk)
    for stranger in (anonymous_client, other_client):
        assert stranger.get(address, headers={"host": "acme.localhost"}).status_code == 302
        assert stranger.post(address, headers={"host": "acme.localhost"}).status_code == 302


@pytest.mark.parametrize("path", [path for path in ALL if "{run}" in path])
def test_another_chains_import_is_not_there(
    other_client: ChainClient, other_chain: Chain, receipts: ImportRun, path: str
) -> None:
    address = path.format(run=receipts.pk)
    response = other_client.post(address) if path in NO_GET else other_client.get(address)
    assert response.status_code == 404
    with tenant_context(other_chain):
        assert not ImportRun.objects.exists()


@pytest.mark.parametrize("path", NO_GET)
def test_changes_are_posted(importer: Importer, receipts: ImportRun, path: str) -> None:
    assert importer.client.get(path.format(run=receipts.pk)).status_code == 405


@pytest.mark.parametrize("path", NO_POST)
def test_what_is_read_is_not_posted(importer: Importer, receipts: ImportRun, path: str) -> None:
    assert importer.client.post(path.format(run=receipts.pk)).status_code == 405


@pytest.mark.parametrize("path", CHANGED)
def test_changes_want_the_forms_token(importer: Importer, receipts: ImportRun, path: str) -> None:
    importer.client.handler.enforce_csrf_checks = True
    before = ImportRun.objects.count()
    response = importer.upload(RECEIPTS) if "new" in path else importer.client.post(path.format(run=receipts.pk))
    assert response.status_code == 403
    assert ImportRun.objects.count() == before


PROFILES = ["/imports/profiles/", "/imports/profiles/{profile}/", "/imports/profiles/{profile}/forget/"]


@pytest.mark.parametrize("path", PROFILES)
def test_what_is_remembered_is_headquarters_own(
    importer: Importer, manager_client: ChainClient, other_client: ChainClient, path: str
) -> None:
    profile = ImportProfile.objects.create(kind="visits", name="Till", headings_hash="x")
    address = path.format(profile=profile.pk)
    assert manager_client.get(address).status_code == 403
    assert manager_client.post(address, {"name": "Mine"}).status_code == 403
    assert other_client.post(address, {"name": "Theirs"}).status_code in {404, 405}
    assert b"Till" not in other_client.get("/imports/profiles/").content
    profile.refresh_from_db()
    assert profile.name == "Till"
