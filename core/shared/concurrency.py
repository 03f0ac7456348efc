"""Shares each web process out between the chains: how many requests of one chain are at work, wait, and hold threads.

A request that is refused here has cost next to nothing: no query, no session, no form has been read.
"""

import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
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

from core.shared.bodies import is_large

# Seconds a request waits for others of its chain, and after which one that was refused may come again.
PATIENCE = 10.0
RETRY_AFTER = 3
# Seconds for which a chain that had a request at work counts as one that will have more.
MOMENT = 5.0


class Slots:
    """So many for each owner and so many in all; who finds none free waits for a while. `shared` is how many an owner
    gets while others have some, or had some a moment ago: they will be back."""

    def __init__(self, *, each: int, total: int | None = None, shared: int | None = None) -> None:
        self._each, self._total, self._shared = each, total, each if shared is None else shared
        self._taken: Counter[str] = Counter()
        # The two owners that came last, with the time.
        self._latest: dict[str, float] = {}
        self._freed = threading.Condition()

    def take(self, owner: str, patience: float = 0) -> bool:
        """Whether there was one, which is to be given back."""
        with self._freed:
            if not self._freed.wait_for(lambda: self._is_free(owner), patience):
                return False
            self._taken[owner] += 1
            self._remember(owner)
            return True

    def give_back(self, owner: str) -> None:
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
        mine, all_taken = self._taken[owner], self._taken.total()
        has_room = self._total is None or all_taken < self._total
        lately = time.monotonic() - MOMENT
        is_shared = mine < all_taken or any(one != owner and then > lately for one, then in self._latest.items())
        return has_room and mine < (self._shared if is_shared else self._each)


@dataclass
class Shares:
    """What one chain may have of a process with so many threads."""

    threads: int
    # Threads held, at work or waiting or sending: two are always left to others.
    held: Slots = field(init=False)
    # Threads that wait, in all too: several chains must not hold all of them for nothing.
    waiting: Slots = field(init=False)
    # Requests at work. More at once make each slower and the chain no faster, and others slower still.
    at_work: Slots = field(init=False)
    # Of expensive requests, the threads held and those at work: in all, too, since they use a processor whole.
    expensive_held: Slots = field(init=False)
    expensive_at_work: Slots = field(init=False)
    # Large bodies on their way, for which there are threads of their own, twice as many. They wait for their sender.
    uploads: Slots = field(init=False)

    def __post_init__(self) -> None:
        quarter, half = max(1, self.threads // 4), max(1, self.threads // 2)
        self.held = Slots(each=max(1, self.threads - 2))
        self.waiting = Slots(each=half, total=half)
        self.at_work = Slots(each=quarter, shared=1)
        # Some places to wait are left to others.
        self.expensive_held = Slots(each=quarter + 1, total=half)
        self.expensive_at_work = Slots(each=1, total=quarter)
        self.uploads = Slots(each=self.threads)

    def of(self, request: HttpRequest) -> tuple[list[Slots], list[Slots]]:
        """What the request takes to be let in, and what it then may wait for."""
        if is_large(request.META):
            return [self.uploads], []
        if is_expensive(request.method, request.path_info):
            return [self.held, self.expensive_held], [self.expensive_at_work]
        return [self.held], [self.at_work]


class ConcurrencyMiddleware:
    """Refuses a request at once where its chain holds its share of threads, and has it wait where the chain has its
    share at work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._shares = Shares(settings.WEB_THREADS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with ExitStack() as held, ExitStack() as at_work:
            if not self._enter(request, held, at_work):
                return busy(request)
            response = self.get_response(request)
            if response.streaming and not isinstance(response, FileResponse):
                # It is made as it is sent.
                held.push(at_work.pop_all())
            _when_sent(response, held.pop_all().close)
            return response

    def _enter(self, request: HttpRequest, held: ExitStack, at_work: ExitStack) -> bool:
        owner = _owner(request)
        to_hold, to_work = self._shares.of(request)
        for slots in to_hold:
            if not slots.take(owner):
                return False
            held.callback(slots.give_back, owner)
        for slots in to_work:
            if not slots.take(owner) and not self._wait(owner, slots):
                return False
            at_work.callback(slots.give_back, owner)
        return True

    def _wait(self, owner: str, slots: Slots) -> bool:
        waiting = self._shares.waiting
        if not waiting.take(owner):
            return False
        try:
            return slots.take(owner, PATIENCE)
        finally:
            waiting.give_back(owner)


def _owner(request: HttpRequest) -> str:
    """The chain; the platform's own pages and the console are as one chain each."""
    return f"{getattr(connection, 'schema_name', '')} {getattr(request, 'urlconf', '')}"


def is_expensive(method: str | None, path: str) -> bool:
    """Of any of the sites: their hosts are not looked at."""
    return any(
        f"{'GET' if method == 'HEAD' else method} {name}" in settings.EXPENSIVE_REQUESTS for name in _views_at(path)
    )


def belongs_elsewhere(environ: dict[str, Any]) -> bool:
    """Whether a process that serves pages hands the request over to the one for expensive requests."""
    return is_large(environ) or is_expensive(environ["REQUEST_METHOD"], get_path_info(environ))


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
