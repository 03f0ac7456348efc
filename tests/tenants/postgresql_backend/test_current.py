"""After a request its thread stands outside every chain, so that a chain's end is nothing to the next request."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import include, path

from config import health
from tenants.host_cache import host_cache
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import drop_chain
from tests.tenants.postgresql_backend.test_session import OUTSIDE, standing
from tests.tenants.test_host_cache import warm

MakeChain = Callable[..., Chain]
Run = Callable[..., Any]


@login_not_required
def fails(_request: HttpRequest) -> HttpResponse:
    standing()
    raise ValueError("a fault of ours")


@login_not_required
def stands(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(standing()[1])


@login_not_required
def streams(_request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        while True:
            yield standing()[1] + "\n"

    return StreamingHttpResponse(parts())


urlpatterns = [
    path("stands/", stands),
    path("fails/", fails),
    path("streams/", streams),
    path("", include("config.urls_tenant")),
]


def answered(host: str, url: str, parts: int | None = None) -> tuple[int, bytes]:
    """As a server does it: the whole body, or its first parts, then close."""
    statuses: list[str] = []
    environ = RequestFactory().get(url, headers={"host": host}).environ
    response = WSGIHandler()(environ, lambda status, _headers: statuses.append(status))
    try:
        body = b"".join(part for _number, part in zip(range(parts or 1000), response, strict=False))
    finally:
        response.close()
    return int(statuses[0].split()[0]), body


@pytest.fixture
def in_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs in one thread and on its connection, as requests that one thread of a server takes."""
    monkeypatch.setitem(health.CHECKS, "broker", lambda: None)
    with ThreadPoolExecutor(1) as thread:
        yield lambda deed, *arguments: thread.submit(deed, *arguments).result()
        thread.submit(connections.close_all).result()


def host_of(chain: Chain) -> str:
    return f"{chain.schema_name}.localhost"


@pytest.mark.parametrize("connected_anew", [False, True])
def test_ready_after_the_chain_served_last_is_erased(
    make_committed_chain: MakeChain, in_thread: Run, connected_anew: bool
) -> None:
    erased, other = make_committed_chain(), make_committed_chain()
    assert in_thread(answered, host_of(erased), "/sign-in/")[0] == 200
    drop_chain(erased)
    if connected_anew:
        in_thread(connections.close_all)
    assert in_thread(answered, "10.0.0.7", "/readyz") == (
        200,
        b'{"database": "ok", "cache": "ok", "broker": "ok"}',
    )
    assert in_thread(answered, host_of(other), "/sign-in/")[0] == 200
    assert in_thread(answered, "localhost", "/")[0] == 200
    assert in_thread(answered, host_of(erased), "/sign-in/")[0] == 404


def test_an_idle_session_with_the_role_of_an_erased_chain_serves_others(
    make_committed_chain: MakeChain, in_thread: Run
) -> None:
    erased, other = make_committed_chain(), make_committed_chain()
    for after in (host_of(other), "localhost"):
        assert in_thread(answered, host_of(erased), "/sign-in/")[0] == 200
        process = in_thread(lambda: connection().connection.info.backend_pid)
        drop_chain(erased)
        assert in_thread(answered, after, "/sign-in/")[0] == 200
        assert in_thread(lambda: connection().connection.info.backend_pid) == process
        erased = make_committed_chain()


def test_the_probe_of_the_database_stands_outside_every_chain(make_committed_chain: MakeChain, in_thread: Run) -> None:
    """Whoever entered the chain, and did not leave it."""
    erased = make_committed_chain()
    in_thread(lambda: connection().set_tenant(erased))
    in_thread(standing)
    drop_chain(erased)
    for _ in range(2):
        assert in_thread(answered, "10.0.0.7", "/readyz")[0] == 200
        in_thread(connections.close_all)


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("url", "parts", "status"),
    [("/sign-in/", None, 200), ("/nowhere/", None, 404), ("/fails/", None, 500), ("/streams/", 2, 200)],
)
def test_every_request_leaves_the_chain(
    committed_chain: Chain, in_thread: Run, url: str, parts: int | None, status: int
) -> None:
    code, body = in_thread(answered, host_of(committed_chain), url, parts)
    assert code == status
    if parts:
        assert body == f"{committed_chain.schema_name}, ext, pg_temp\n".encode() * 2
    assert in_thread(lambda: connection().schema_name) == "public"
    assert in_thread(standing) == OUTSIDE


@pytest.mark.urls(__name__)
def test_leaving_costs_no_statement(
    make_committed_chain: MakeChain, in_thread: Run, settings_sent: list[bytes]
) -> None:
    one, other = make_committed_chain(), make_committed_chain()
    for chain in (one, other):
        in_thread(answered, host_of(chain), "/stands/")
        warm(host_cache, host_of(chain))
    in_thread(connections.close_all)
    settings_sent.clear()
    for chain, statements in ((one, 1), (one, 0), (one, 0), (other, 1), (other, 0)):
        in_thread(answered, host_of(chain), "/stands/")
        assert len(settings_sent) == statements
        settings_sent.clear()
