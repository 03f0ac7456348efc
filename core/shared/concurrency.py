"""Shares each web process out between the chains: how many requests of one chain are at work, wait, and hold threads.

A request that is refused here has cost next to nothing: no query, no session, no form has been read.
"""

import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from core.shared.declarations import declared_words
from core.shared.request_bodies import is_large

# Seconds: how long a request waits for others of its chain, and the Retry-After of a refused one.
MAX_WAIT = 10.0
RETRY_AFTER = 3
# Seconds for which a chain counts as active after its last request.
RECENT = 5.0
# Seconds after which a waiting request checks again: nothing wakes it when other chains become inactive.
RECHECK = 1.0


class Slots:
    """So many for each owner and so many in all; who finds none free waits for a while. `shared` is how many an owner
    gets while others have some, or had some a moment ago: they will be back."""

    def __init__(self, *, each: int, total: int | None = None, shared: int | None = None) -> None:
        self._each, self._total, self._shared = each, total, each if shared is None else shared
        self._taken: Counter[str] = Counter()
        # The two owners that came last, with the time.
        self._latest: dict[str, float] = {}
        self._freed = threading.Condition()

    def acquire(self, owner: str, timeout: float = 0) -> bool:
        """Whether a slot was free within the timeout; the caller releases it."""
        with self._freed:
            deadline = time.monotonic() + timeout
            while not self._is_free(owner):
                if (left := deadline - time.monotonic()) <= 0:
                    return False
                # Nobody says when others have been away long enough.
                self._freed.wait(min(left, RECHECK))
            self._taken[owner] += 1
            self._remember(owner)
            return True

    def release(self, owner: str) -> None:
        with self._freed:
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]
            self._freed.notify_all()

    def _remember(self, owner: str) -> None:
        self._latest.pop(owner, None)
        self._latest[owner] = time.monotonic()
        if len(self._latest) > 2:
            del self._latest[next(iter(self._latest))]

    def _is_free(self, owner: str) -> bool:
        own, all_taken = self._taken[owner], self._taken.total()
        has_room = self._total is None or all_taken < self._total
        lately = time.monotonic() - RECENT
        is_shared = own < all_taken or any(one != owner and then > lately for one, then in self._latest.items())
        return has_room and own < (self._shared if is_shared else self._each)


@dataclass(frozen=True)
class Lane:
    """Requests of one sort: how many are held in threads, are at work, and wait for that."""

    held: Slots
    at_work: Slots | None = None
    waiting: Slots | None = None


def lanes(at_work: int) -> dict[str, Lane]:
    """What the chains have of a process for so many requests at work.

    A process for pages has twice as many threads, the one for all other sorts four times as many, and twice as many for
    uploads: some are always left, to refuse at once. Where there is a limit for all, two chains leave one to a third.
    """
    quarter, half = max(1, at_work // 4), max(1, at_work // 2)
    return {
        # More of a chain at work make each slower and the chain no faster, and others slower still.
        "pages": Lane(
            held=Slots(each=max(1, at_work - 2)),
            at_work=Slots(each=quarter, shared=1, total=max(1, at_work - 2)),
            waiting=Slots(each=half - 1 or 1, total=at_work),
        ),
        "files": Lane(held=Slots(each=quarter, total=2 * quarter + 1), at_work=Slots(each=1, total=quarter)),
        "passwords": Lane(held=Slots(each=half, total=2 * half + 1), at_work=Slots(each=1, total=quarter)),
        "services": Lane(held=Slots(each=quarter, total=2 * quarter + 1)),
        "uploads": Lane(held=Slots(each=half, total=3 * half)),
    }


class ConcurrencyMiddleware:
    """Refuses a request at once where its chain holds its share of threads, and has it wait where the chain has its
    share at work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._lanes = lanes(settings.WEB_THREADS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        lane = self._lanes[lane_of(request.META, request.path_info)]
        with ExitStack() as held, ExitStack() as at_work:
            if not _enter(_owner(request), lane, held, at_work):
                return busy(request)
            response = self.get_response(request)
            if response.streaming and not isinstance(response, FileResponse):
                # It is made as it is sent.
                held.push(at_work.pop_all())
            _when_sent(response, held.pop_all().close)
            return response


def _enter(owner: str, lane: Lane, held: ExitStack, at_work: ExitStack) -> bool:
    if not lane.held.acquire(owner):
        return False
    held.callback(lane.held.release, owner)
    if lane.at_work is None:
        return True
    if not lane.at_work.acquire(owner) and not _wait(owner, lane.at_work, lane.waiting):
        return False
    at_work.callback(lane.at_work.release, owner)
    return True


def _wait(owner: str, at_work: Slots, waiting: Slots | None) -> bool:
    if waiting is None:
        return at_work.acquire(owner, MAX_WAIT)
    if not waiting.acquire(owner):
        return False
    try:
        return at_work.acquire(owner, MAX_WAIT)
    finally:
        waiting.release(owner)


def lane_of(environ: Mapping[str, Any], path: str) -> str:
    """By method, length and path, on whichever of the sites: the host is not looked at."""
    if is_large(environ):
        return "uploads"
    method, expensive = environ["REQUEST_METHOD"], declared_words("EXPENSIVE_REQUESTS")
    requests = (f"{'GET' if method == 'HEAD' else method} {name}" for name in _views_at(path))
    return next((lane for one in requests if (lane := expensive.get(one))), "pages")


def is_expensive(environ: dict[str, Any]) -> bool:
    """Whether a process that serves pages hands the request over to the one for all others."""
    return lane_of(environ, get_path_info(environ)) != "pages"


def _owner(request: HttpRequest) -> str:
    """The chain; the platform's own pages and the console are as one chain each."""
    return f"{getattr(connection, 'schema_name', '')} {getattr(request, 'urlconf', '')}"


def _views_at(path: str) -> Iterator[str]:
    for urlconf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF, settings.CONSOLE_URLCONF):
        with suppress(Resolver404):
            yield resolve(path, urlconf).view_name


def _when_sent(response: HttpResponseBase, done: Callable[[], object]) -> None:
    """Once the server has closed the response, or dropped it unsent."""
    finished = weakref.finalize(response, done)
    finished.atexit = False
    close = response.close

    def close_and_finish() -> None:
        try:
            close()
        finally:
            finished()

    response.close = close_and_finish  # type: ignore[method-assign]


@cache
def _busy_page(language: str) -> str:
    with translation.override(language):
        message = _("Many pages and downloads are open here at this moment. Wait a few seconds, then try again.")
        return render_to_string("shared/busy.html", {"message": message})


def busy(request: HttpRequest) -> HttpResponse:
    """A page that a browser loads again by itself, where that changes nothing."""
    page = _busy_page(translation.get_language_from_request(request))
    response = HttpResponse(page, status=429, headers={"Retry-After": str(RETRY_AFTER)})
    if request.method == "GET":
        response.headers["Refresh"] = str(RETRY_AFTER)
    return response
