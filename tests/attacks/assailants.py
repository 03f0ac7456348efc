"""The attacks, each a process that goes on until it is ended; what it has met so far it writes into `told`."""

import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.attacks.slow_connections import KINDS, slow_connections
from tests.attacks.visitor import Answer, Visitor, as_proposed
from tests.core.imports.hostile_files import FILES

Chain = Mapping[str, Any]
Told = MutableMapping[str, str]
EXPORTS, SIGN_INS = 30, 100
OWNERS_ADDRESS = "127.0.0.9"
# In all, of every kind about as many.
SLOW = 200
# Seconds between an answer and the next request of the same connection.
PAUSE = 1.0
HOSTILE_SIZE = 60 << 10
IMPORTS, LINES = 6, 300_000
# Of the demo's first chain.
STORE = "BJGM"


def hold_connections(hog: Chain, told: Told) -> None:
    place = urlsplit(hog["url"])
    each = SLOW // len(KINDS)
    with slow_connections(("127.0.0.1", place.port or 80), place.netloc, tuple(KINDS), each) as slow:
        while True:
            time.sleep(2)
            told["slow connections"] = f"{slow.held} held, {slow.closed} closed by the server"
            if slow.held < SLOW // 2:
                slow.open(place.netloc, tuple(KINDS), each)


def export_all_the_time(hog: Chain, told: Told) -> None:
    owner = _owner_of(hog)
    told["exports"] = "signed in"
    paths = ("/repurchase/export.xlsx", "/audit/export.csv", "/repurchase/export.csv")
    _at_once("exports", told, [_asking(owner, path) for path in paths for _ in range(EXPORTS // len(paths))])


def sign_in_all_the_time(hog: Chain, told: Told) -> None:
    """From many addresses, or the limit of one would end it soon."""
    addresses = cycle(f"127.0.{net}.{host}" for net in range(1, 9) for host in range(1, 255))

    def sign_in() -> Answer:
        return Visitor(hog["url"], source=next(addresses)).sign_in(hog["logins"][1]["email"], "not the password")

    _at_once("sign-ins", told, [sign_in] * SIGN_INS)


def upload_hostile_files(hog: Chain, told: Told) -> None:
    owner, answers = _owner_of(hog), Counter[str]()
    told["hostile files"] = "signed in"
    with tempfile.TemporaryDirectory() as folder:
        while True:
            for make in FILES.values():
                path = Path(folder) / "file"
                make(path, HOSTILE_SIZE)
                answers[_upload(owner, "clients", path.read_bytes())[0]] += 1
                told["hostile files"] = str(dict(answers))
                time.sleep(0.1)


def import_all_the_time(hog: Chain, told: Told) -> None:
    """Large files, more of them than workers: looked at, then checked."""
    owner, checks, number = _owner_of(hog), 0, 0
    told["imports"] = "signed in"
    while True:
        runs = []
        for _ in range(IMPORTS):
            number += 1
            runs += re.findall(r"/imports/[-0-9a-f]{36}/", _upload(owner, "visits", _visits(number))[1])
        end = time.monotonic() + 60
        while runs and time.monotonic() < end:
            for run in list(runs):
                with suppress(LookupError):
                    page = owner.get(run)
                    if 'name="column_0"' in page.text:
                        checks += owner.post(run, as_proposed(page.text) | {"create_missing": "on"}).status == 302
                        runs.remove(run)
            told["imports"] = f"{number} files sent, {checks} checks begun"
            time.sleep(1)


def _upload(owner: Visitor, kind: str, content: bytes) -> tuple[str, str]:
    """The status, and where the file's page is."""
    try:
        answer = owner.upload("/imports/new/", {"kind": kind}, name="file", content=content)
    except (OSError, LookupError) as error:
        return type(error).__name__, ""
    return str(answer.status), answer.location


def _visits(number: int) -> bytes:
    rows = (
        f"V{number}-{line},H{line % 9973},2025-0{line % 9 + 1}-11,{line % 700 + 30},{STORE}" for line in range(LINES)
    )
    return "\n".join(["visit_ref,client_ref,started_at,amount,store_code", *rows]).encode()


def _owner_of(chain: Chain) -> Visitor:
    visitor, login = Visitor(chain["url"], source=OWNERS_ADDRESS), chain["logins"][0]
    while True:
        # Refused while others of the chain hold its share.
        with suppress(LookupError):
            if visitor.sign_in(login["email"], login["password"]).status == 302:
                return visitor
        time.sleep(1)


def _asking(visitor: Visitor, path: str) -> Callable[[], Answer]:
    return lambda: visitor.get(path)


def _at_once(name: str, told: Told, deeds: list[Callable[[], Answer]]) -> None:
    answers, lock = Counter[str](), threading.Lock()

    def go_on(deed: Callable[[], Answer]) -> None:
        while True:
            try:
                status = str(deed().status)
            except (OSError, LookupError) as error:
                status = type(error).__name__
            with lock:
                answers[status] += 1
                told[name] = str(dict(answers))
            time.sleep(PAUSE)

    threads = [threading.Thread(target=go_on, args=[deed], daemon=True) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# Begun in this order: the chain's own flood would keep its owner from signing in for the others.
ATTACKS: dict[str, Callable[[Chain, Told], None]] = {
    "imports": import_all_the_time,
    "files": upload_hostile_files,
    "exports": export_all_the_time,
    "sign-ins": sign_in_all_the_time,
    "connections": hold_connections,
}
