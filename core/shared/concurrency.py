"""Shares each web process out between the chains: how many requests of one chain are at work, wait, and hold threads.

A request that is refused here has cost next to nothing: no query, no session, no form has been read.
"""

import fcntl
import tempfile
import threading
import time
import weakref
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

# Seconds a request waits for others of its chain, and after which one that was refused may come again.
PATIENCE = 10.0
RETRY_AFTER = 3
# Seconds between two looks whether another process has ended.
LOOK_AGAIN = 0.02


class Slots:
    """So many for each owner and so many in all; who finds none free waits for a while. `shared` is how many an owner
    gets while others have some."""

    def __init__(self, *, each: int, total: int | None = None, shared: int | None = None) -> None:
        self._each, self._total, self._shared = each, total, each if shared is None else shared
        self._taken: Counter[str] = Counter()
        self._freed = threading.Condition()

    def take(self, owner: str, patience: float = 0) -> bool:
        """Whether there was one, which is to be given back."""
        with self._freed:
            if not self._freed.wait_for(lambda: self._is_free(owner), patience):
                return False
            self._taken[owner] += 1
            return True

    def give_back(self, owner: str) -> None:
        with self._freed:
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]
            self._freed.notify_all()

    def _is_free(self, owner: str) -> bool:
        mine, all_taken = self._taken[owner], self._taken.total()
        has_room = self._total is None or all_taken < self._total
        return has_room and mine < (self._each if mine == all_taken else self._shared)


class OneInAllProcesses:
    """One for each owner in all processes that were forked from the one that loaded this module; with a process that
    dies, its locks go.

    Within a process no more than one thread at a time may ask for an owner.
    """

    def __init__(self) -> None:
        # A lock on a byte of it belongs to the process that took it, though all have the same file.
        self._file, path = tempfile.mkstemp()
        Path(path).unlink()

    def take(self, owner: str, patience: float = 0) -> bool:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, self._place(owner))
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(LOOK_AGAIN)
            else:
                return True

    def give_back(self, owner: str) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, self._place(owner))

    @staticmethod
    def _place(owner: str) -> int:
        return zlib.crc32(owner.encode())


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

    def __post_init__(self) -> None:
        quarter, half = max(1, self.threads // 4), max(1, self.threads // 2)
        self.held = Slots(each=max(1, self.threads - 2))
        self.waiting = Slots(each=half, total=half)
        self.at_work = Slots(each=quarter, shared=1)
        # Some places to wait are left to pages.
        self.expensive_held = Slots(each=quarter + 1, total=half)
        self.expensive_at_work = Slots(each=1, total=quarter)


EXPENSIVE_ANYWHERE = OneInAllProcesses()


class ConcurrencyMiddleware:
    """Refuses a request at once where its chain holds its share of threads, and has it wait where the chain has its
    share at work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._shares = Shares(settings.WEB_THREADS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        owner, is_expensive = _owner(request), _is_expensive(request)
        with ExitStack() as held, ExitStack() as at_work:
            if not self._enter(owner, held, at_work, is_expensive=is_expensive):
                return busy(request)
            response = self.get_response(request)
            if response.streaming and not isinstance(response, FileResponse):
                # It is made as it is sent.
                held.push(at_work.pop_all())
            _when_sent(response, held.pop_all().close)
            return response

    def _enter(self, owner: str, held: ExitStack, at_work: ExitStack, *, is_expensive: bool) -> bool:
        shares = self._shares
        to_hold: list[Slots] = [shares.held, *([shares.expensive_held] if is_expensive else [])]
        to_work: list[Slots | OneInAllProcesses] = [shares.at_work]
        if is_expensive:
            to_work[:0] = [shares.expensive_at_work, EXPENSIVE_ANYWHERE]
        for place in to_hold:
            if not place.take(owner):
                return False
            held.callback(place.give_back, owner)
        for slot in to_work:
            if not slot.take(owner) and not self._wait(owner, slot):
                return False
            at_work.callback(slot.give_back, owner)
        return True

    def _wait(self, owner: str, slots: Slots | OneInAllProcesses) -> bool:
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


def _is_expensive(request: HttpRequest) -> bool:
    try:
        name = resolve(request.path_info, getattr(request, "urlconf", None)).view_name
    except Resolver404:
        return False
    return f"{request.method} {name}" in settings.EXPENSIVE_REQUESTS


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
