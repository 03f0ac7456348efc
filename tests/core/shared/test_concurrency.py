"""One chain's requests take their share of a process, and leave the rest to others."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.urls import get_resolver
from django_tenants.postgresql_backend.base import FakeTenant
from pytest_django import Settings

from core.shared.concurrency import ConcurrencyMiddleware, is_expensive, lanes
from core.shared.declarations import declared, declared_words
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tests.plugins.chains import ChainClient

THREADS = 8
AT_WORK, HELD = 2, 5
EXPORT = "/repurchase/export.csv"
FORM = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class Site:
    """Requests in threads of their own, whose answers wait until they are let go."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase] | None = None) -> None:
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self._pool = ThreadPoolExecutor(40)
        self.middleware = ConcurrencyMiddleware(answer or self._answer)

    def _answer(self, _request: HttpRequest) -> HttpResponse:
        self.begun.release()
        assert self.go.wait(60)
        return HttpResponse("done")

    def ask(self, chain: str, path: str = "/", method: str = "GET", body: str = "") -> "Future[HttpResponseBase]":
        return self._pool.submit(self._asked, chain, path, method, body)

    def ask_many(self, number: int, chain: str, path: str = "/") -> list["Future[HttpResponseBase]"]:
        return [self.ask(chain, path) for _ in range(number)]

    def _asked(self, chain: str, path: str, method: str, body: str) -> HttpResponseBase:
        connection().set_tenant(FakeTenant(chain))
        try:
            response = self.middleware(RequestFactory().generic(method, path, body))
            if not response.streaming:
                response.close()
            return response
        finally:
            connection().set_schema_to_public()

    def wait_for(self, number: int) -> None:
        for _ in range(number):
            assert self.begun.acquire(timeout=60)

    def end(self) -> None:
        self.go.set()
        self._pool.shutdown()


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    settings.WEB_THREADS = THREADS
    made = Site()
    yield made
    made.end()


def statuses(asked: list["Future[HttpResponseBase]"]) -> list[int]:
    return sorted(one.result(60).status_code for one in asked)


def first_done(asked: list["Future[HttpResponseBase]"], number: int) -> list[int]:
    """Of those that are answered while the others are held up."""
    done: list[int] = []
    while len(done) < number:
        done = [one.result().status_code for one in asked if one.done()]
    return done


def test_beyond_its_share_a_chain_is_refused_while_others_are_served(site: Site) -> None:
    asked = site.ask_many(HELD + 5, "acme")
    site.wait_for(AT_WORK)
    assert first_done(asked, 5) == [429] * 5
    other = site.ask("other")
    site.wait_for(1)  # at work, though acme has as many as it may
    assert not site.begun.acquire(blocking=False)
    site.go.set()
    assert statuses([other]) == [200]
    assert statuses(asked) == [200] * HELD + [429] * 5
    assert statuses(site.ask_many(HELD, "acme")) == [200] * HELD


def test_of_exports_one_is_at_work_and_pages_go_on(site: Site) -> None:
    exports = site.ask_many(20, "acme", EXPORT)
    site.wait_for(1)
    assert first_done(exports, 18) == [429] * 18
    page = site.ask("acme")
    site.wait_for(1)
    elsewhere = site.ask("other", EXPORT)
    site.wait_for(1)
    site.go.set()
    assert statuses([page, elsewhere]) == [200, 200]
    assert statuses(exports) == [200] * 2 + [429] * 18


def test_a_sign_in_is_expensive_and_its_page_is_not(site: Site) -> None:
    sign_ins = [site.ask("acme", "/sign-in/", "POST") for _ in range(5)]
    site.wait_for(1)
    assert first_done(sign_ins, 1) == [429]
    page = site.ask("acme", "/sign-in/")
    site.wait_for(1)
    site.go.set()
    assert statuses([page, *sign_ins]) == [200] * 5 + [429]


def test_who_is_refused_is_told_when_to_come_again_in_words(site: Site) -> None:
    asked = site.ask_many(HELD + 1, "acme")
    site.wait_for(AT_WORK)
    while not (refused := [one.result() for one in asked if one.done()]):
        pass
    response: Any = refused[0]
    assert (response.headers["Retry-After"], response.headers["Refresh"]) == ("3", "3")
    assert "Wait a few seconds" in response.content.decode()


@pytest.mark.parametrize("end", ["closed", "dropped"])
def test_a_stream_is_at_work_until_it_is_sent(settings: Settings, db: None, end: str) -> None:
    settings.WEB_THREADS = THREADS
    site = Site(lambda _request: StreamingHttpResponse(iter([b"a", b"b"])))
    kept = [site.ask("acme", EXPORT).result(60)]
    waiting = site.ask("acme", EXPORT)
    assert site.ask("other", EXPORT).result(60).status_code == 200
    assert not waiting.done()
    if end == "closed":
        kept[0].close()
    kept.clear()
    gc.collect()
    assert waiting.result(60).status_code == 200
    site.end()


def test_a_file_that_is_sent_holds_a_thread_alone(settings: Settings, db: None, tmp_path: Path) -> None:
    settings.WEB_THREADS = THREADS
    (tmp_path / "archive").write_bytes(b"x")
    site = Site(lambda _request: FileResponse((tmp_path / "archive").open("rb")))
    kept = [one.result(60) for one in site.ask_many(THREADS - 2, "acme")]
    assert {one.status_code for one in kept} == {200}
    assert site.ask("acme").result(60).status_code == 429
    kept.pop().close()
    kept.append(site.ask("acme").result(60))
    assert kept[-1].status_code == 200
    for one in kept:
        one.close()
    site.end()


def test_what_fails_gives_its_place_back(settings: Settings) -> None:
    settings.WEB_THREADS = THREADS

    def fail(_request: HttpRequest) -> HttpResponseBase:
        raise LookupError

    site = Site(fail)
    for one in [*site.ask_many(3, "acme", EXPORT)] * 3:
        assert isinstance(one.exception(60), LookupError)
    for _ in range(20):
        assert isinstance(site.ask("acme", EXPORT).exception(60), LookupError)
    site.end()


def test_every_declared_view_is_one_of_the_site() -> None:
    names = {
        f"{match}{name}"
        for urlconf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF, settings.CONSOLE_URLCONF)
        for match, resolver in [("", get_resolver(urlconf)), *_namespaces(urlconf)]
        for name in resolver.reverse_dict
        if isinstance(name, str)
    }
    expensive = declared_words("EXPENSIVE_REQUESTS")
    assert {entry.partition(" ")[2] for entry in expensive} <= names
    assert set(expensive.values()) == set(lanes(1)) - {"pages", "uploads"}
    assert {*declared("ALLOWED_WHILE_READ_ONLY", str), *declared("CLOSED_TO_OPERATORS", str)} <= names


def _namespaces(urlconf: str) -> list[tuple[str, Any]]:
    return [(f"{name}:", resolver) for name, (_prefix, resolver) in get_resolver(urlconf).namespace_dict.items()]


def test_pages_of_the_site_go_through_it(chain: Chain, settings: Settings) -> None:
    """Of a process with one thread, too."""
    settings.WEB_THREADS = 1
    client = ChainClient(headers={"host": "acme.localhost"})
    for _ in range(3):
        assert client.get("/sign-in/").status_code == 200


def test_while_others_have_come_a_moment_ago_a_chain_has_one_at_work(site: Site) -> None:
    site.go.set()
    assert site.ask("other").result(60).status_code == 200
    site.wait_for(1)
    site.go.clear()
    asked = site.ask_many(2, "acme")
    site.wait_for(1)
    assert not site.begun.acquire(timeout=0.2)
    site.go.set()
    assert statuses(asked) == [200, 200]


def test_once_others_have_been_away_a_waiting_request_begins_by_itself(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.shared.concurrency.RECENT", 0.5)
    site.go.set()
    assert site.ask("other").result(60).status_code == 200
    site.wait_for(1)
    site.go.clear()
    asked = site.ask_many(2, "acme")
    site.wait_for(1)
    assert site.begun.acquire(timeout=5)
    site.go.set()
    assert statuses(asked) == [200, 200]


def test_large_bodies_on_their_way_keep_no_page_waiting(site: Site) -> None:
    large = "x" * (FORM + 1)
    uploads = [site.ask("acme", "/imports/new/", "POST", large) for _ in range(7)]
    site.wait_for(4)
    assert first_done(uploads, 3) == [429] * 3
    page = site.ask("acme")
    site.wait_for(1)
    site.go.set()
    assert statuses([page, *uploads]) == [200] * 5 + [429] * 3


SORTS = {
    "pages": ("/", "GET", ""),
    "files": (EXPORT, "GET", ""),
    "passwords": ("/sign-in/", "POST", ""),
    "services": ("/settings/domains/1/verification/", "POST", ""),
    "uploads": ("/imports/new/", "POST", "x" * (FORM + 1)),
}


@pytest.mark.parametrize("sort", SORTS)
def test_two_chains_that_ask_without_end_leave_a_third_its_place(site: Site, sort: str) -> None:
    path, method, body = SORTS[sort]
    for chain in ("one", "two"):
        for _ in range(20):
            site.ask(chain, path, method, body)
    time.sleep(0.2)
    third = site.ask("third", path, method, body)
    time.sleep(0.2)
    site.go.set()
    assert third.result(60).status_code == 200


@pytest.mark.parametrize("chains", [3, 8])
def test_however_many_chains_wait_threads_are_left_to_refuse_the_others(site: Site, chains: int) -> None:
    """Of each process: pages in the one, all other sorts in the other."""
    for sorts, threads in ((["pages"], 2 * THREADS), (["files", "passwords", "services"], 4 * THREADS)):
        asked = [site.ask(str(chain), *SORTS[sort]) for chain in range(chains) for sort in sorts for _ in range(6)]
        time.sleep(0.3)
        held = [one for one in asked if not one.done()]
        assert len(held) < threads
        site.go.set()
        statuses(asked)
        site.go.clear()


@pytest.mark.parametrize(
    ("method", "path", "length", "elsewhere"),
    [
        ("GET", EXPORT, "", True),
        ("HEAD", EXPORT, "", True),
        ("GET", "/audit/export.csv", "", True),
        ("POST", "/sign-in/", "20", True),
        ("POST", "/sign-up/", "20", True),
        ("GET", "/sign-in/", "", False),
        ("GET", "/repurchase/", "", False),
        ("GET", "/nothing/", "", False),
        ("POST", "/imports/new/", str(FORM), False),
        ("POST", "/imports/new/", str(FORM + 1), True),
        ("POST", "/nothing/", str(FORM + 1), True),
    ],
)
def test_what_the_process_for_expensive_requests_gets(method: str, path: str, length: str, elsewhere: bool) -> None:
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_LENGTH": length}
    assert is_expensive(environ) is elsewhere
    assert is_expensive({**environ, "HTTP_TRANSFER_ENCODING": "chunked"})
