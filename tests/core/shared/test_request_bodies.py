"""What a request may bring: three addresses take a file, and nothing large is read or kept before it is refused."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from core.shared import request_bodies
from core.shared.errors import AppError
from tenants.models import Chain
from tests.plugins.chains import ChainClient
from tests.plugins.console import HOST as CONSOLE

URLCONFS = {
    "acme.localhost": settings.ROOT_URLCONF,
    "localhost": settings.PUBLIC_SCHEMA_URLCONF,
    CONSOLE: settings.CONSOLE_URLCONF,
}
RESTORATION = "/console/restoration/add/"
UUID = "6b1d41e6-6f9c-4d57-b1a0-8a9a3f3a3a11"
TAKES_FILES = {"/imports/new/", f"/imports/uploads/{UUID}/", RESTORATION}
VALUES = {"int": "1", "uuid": UUID, "slug": "x", "str": "x", "path": "x", "metric": "repurchase"}
EXPRESSIONS = {
    "^account/password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "account/password/new/1-forged/",
    "^(?P<app_label>tenants|console|life|accounts|billing)/$": "tenants/",
    "(?P<url>.*)$": "no/such/page/",
}
LARGE = 1024 * 1024


class Unread:
    """A body that must not be touched."""

    def read(self, *_args: object) -> bytes:
        raise AssertionError("the body is read")

    readline = read


@pytest.fixture
def nothing_spools(tmp_path: Path, settings: Settings) -> None:
    """There is no folder for it: a file that were spooled would fail."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "nowhere")


@pytest.fixture(params=URLCONFS)
def visitors(
    request: pytest.FixtureRequest, hq_client: ChainClient, console_client: ChainClient
) -> tuple[str, list[ChainClient]]:
    """A host, and who comes there: nobody known and, where there is such a thing, someone signed in."""
    host = str(request.param)
    known = {"acme.localhost": [hq_client], CONSOLE: [console_client]}
    return host, [ChainClient(headers={"host": host}), *known.get(host, [])]


def addresses(urlconf: str) -> Iterator[str]:
    """One for every route."""
    for path in _paths(get_resolver(urlconf)):
        found = EXPRESSIONS.get(path) or re.sub(r"<(?:(\w+):)?\w+>", lambda part: VALUES[part[1] or "str"], path)
        assert not {"<", "^"} & set(found), f"Add an example of {path}."
        yield f"/{found}"


def _paths(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        whole = f"{before}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from _paths(entry, whole)
        else:
            assert isinstance(entry, URLPattern)
            yield whole


def upload(size: int) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("a.csv", b"a" * size), "archive": SimpleUploadedFile("a.zip", b"a" * size)}


def test_every_page_that_takes_no_file_refuses_one(
    visitors: tuple[str, list[ChainClient]], nothing_spools: None, files: Path
) -> None:
    host, clients = visitors
    for client, address in product(clients, addresses(URLCONFS[host])):
        if address in TAKES_FILES:
            continue
        assert client.post(address, upload(LARGE)).status_code == 413, address
        refused = client.post(address, upload(1))
        assert refused.status_code == 413, address
        assert code_of(refused) == "no_file_wanted"
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_ten_gigabytes_are_refused_unread_everywhere(visitors: tuple[str, list[ChainClient]], settings: Any) -> None:
    settings.RESTORE_LARGEST = 9_000_000_000
    host, clients = visitors
    for client, address in product(clients, addresses(URLCONFS[host])):
        assert send(client, address, 10_000_000_000).status_code == 413, address


def send(client: ChainClient, address: str, length: int, **more: Any) -> Any:
    environment = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "multipart/form-data; boundary=B",
        "CONTENT_LENGTH": str(length),
        "wsgi.input": Unread(),
        **more,
    }
    return client.post(address, **environment)


def test_those_who_may_not_upload_are_refused_unread(manager_client: ChainClient, chain: Chain) -> None:
    assert send(ChainClient(headers={"host": "acme.localhost"}), "/imports/new/", LARGE).status_code == 302
    assert send(manager_client, "/imports/new/", LARGE).status_code == 403
    assert send(ChainClient(headers={"host": CONSOLE}), RESTORATION, LARGE).status_code == 302


def code_of(response: Any) -> str:
    """Of the sentence that the page says, in whatever language."""
    found = re.search(r'data-code="(\w+)"|"code": "(\w+)"', response.content.decode())
    return (found[1] or found[2]) if found else ""


@pytest.mark.parametrize("host", ["acme.localhost", "localhost", CONSOLE, "unknown.localhost", "elsewhere.example"])
def test_a_page_that_is_not_there_reads_nothing(host: str, chain: object) -> None:
    response = send(ChainClient(headers={"host": host}), "/no/such/page/", LARGE)
    # At the console every address is a page.
    assert response.status_code == (413 if host == CONSOLE else 404)


def test_a_body_of_no_known_length_is_refused(chain: object) -> None:
    client = ChainClient(headers={"host": "acme.localhost"})
    response = send(client, "/sign-in/", 0, HTTP_TRANSFER_ENCODING="chunked")
    assert response.status_code == 411
    assert code_of(response) == "length_required"


def test_a_large_form_is_refused_in_words(chain: object) -> None:
    client = ChainClient(headers={"host": "acme.localhost"})
    large = {"login": "a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
    for content_type in ({}, {"content_type": "application/x-www-form-urlencoded"}):
        data: Any = large if not content_type else "login=" + large["login"]
        response = client.post("/sign-in/", data, **content_type)
        assert response.status_code == 413
        assert code_of(response) == "body_too_large"


@pytest.mark.parametrize("length", ["", "x", "-1", "9" * 5000])
def test_a_length_that_is_none_is_none(chain: object, length: str) -> None:
    client = ChainClient(headers={"host": "acme.localhost"})
    assert client.post("/sign-in/", CONTENT_LENGTH=length).status_code in {200, 400}


def test_too_many_fields_are_refused(chain: object) -> None:
    client = ChainClient(headers={"host": "acme.localhost"})
    assert client.post("/sign-in/", {f"f{number}": "" for number in range(1001)}).status_code == 400


def test_an_import_over_the_limit_is_refused_unread(hq_client: ChainClient, settings: Any) -> None:
    settings.IMPORT_LARGEST_FILE = LARGE
    response = send(hq_client, "/imports/new/", 2 * LARGE)
    assert response.status_code == 413
    assert code_of(response) == "file_too_large"


def test_a_view_that_takes_files_says_so_through_its_decorators() -> None:
    def refuse(size: int) -> None:
        if size > 10:
            raise AppError("too_large", "Too large.", status=413)

    @request_bodies.accepts_files(refuse)
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    limit = request_bodies.BodyLimitMiddleware(view)
    room = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    fits = RequestFactory().post("/", CONTENT_LENGTH=str(room + 10))
    assert limit.process_view(fits, view) is None
    with pytest.raises(AppError):
        request_bodies._check(RequestFactory().post("/", CONTENT_LENGTH=str(room + 11)), view.refuse_too_large)  # type: ignore[attr-defined]
