"""How much one chain's many requests slow another chain's pages: starts none, asks a site that runs.

    python tests/attacks/hog_requests.py REVISIT_HOME [SECONDS]

The demo's chains (`revisit serve --demo`): the first one hogs with 30 exports, then 100 sign-ins, then 60 reports, over
and over; of the second one a page is read the whole while. SECONDS (0.5) is how long each connection of the hog pauses
after an answer. Prints the slowdown; ends with 1 where it is over twice.
"""

import json
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

READS = 40
SLOWEST = 2.0
WRONG = {"login": "nobody@example.com", "password": "not the one"}


class Browser:
    """At a chain's own host, whatever its name resolves to."""

    def __init__(self, chain: dict[str, Any]) -> None:
        place = urlsplit(chain["url"])
        self._at, self._session = f"http://127.0.0.1:{place.port}", requests.Session()
        self._session.headers["Host"] = place.netloc
        self._login = chain["logins"][0]

    def get(self, path: str) -> requests.Response:
        """A connection that the server has closed meanwhile is opened again, as browsers do."""
        while True:
            try:
                return self._session.get(self._at + path, timeout=120, allow_redirects=False)
            except requests.ConnectionError:
                continue

    def sign_in(self, **changed: str) -> requests.Response:
        while "csrftoken" not in self._session.cookies:
            self.get("/sign-in/")
        form = {"login": self._login["email"], "password": self._login["password"], **changed}
        form["csrfmiddlewaretoken"] = self._session.cookies["csrftoken"]
        return self._session.post(f"{self._at}/sign-in/", form, timeout=120, allow_redirects=False)

    def stranger(self) -> "Browser":
        """Not signed in."""
        made = self.copy()
        made._session.cookies = requests.cookies.RequestsCookieJar()
        return made

    def copy(self) -> "Browser":
        """With the same session, and a connection of its own."""
        made = Browser.__new__(Browser)
        made._at, made._login, made._session = self._at, self._login, requests.Session()
        made._session.headers, made._session.cookies = self._session.headers, self._session.cookies
        return made


def read_time(browser: Browser) -> float:
    """The middle of many reads of a report."""
    seconds = []
    for _ in range(READS):
        began = time.perf_counter()
        response = browser.get("/repurchase/")
        seconds.append(time.perf_counter() - began)
        assert response.status_code == 200, response.status_code
    return statistics.median(seconds)


def hogged(
    other: Browser, hog: Browser, *, many: int, path: str = "", pause: float = 0.5
) -> tuple[float, Counter[Any]]:
    """The other chain's read time while the hog asks for a path, or to sign in, from so many connections."""
    ended, told = threading.Event(), Counter[Any]()

    def go_on() -> None:
        mine = hog.copy() if path else hog.stranger()
        while not ended.is_set():
            try:
                response = mine.get(path) if path else mine.sign_in(**WRONG)
            except requests.ConnectionError:
                told["reset"] += 1
                continue
            told[response.status_code] += 1
            ended.wait(pause)

    with ThreadPoolExecutor(many) as pool:
        for _ in range(many):
            pool.submit(go_on)
        time.sleep(1)
        try:
            return read_time(other), told
        finally:
            ended.set()


def main() -> int:
    home, pause = Path(sys.argv[1]), float(sys.argv[2] if len(sys.argv) > 2 else 0.5)
    chains = json.loads((home / "demo.json").read_text())["chains"]
    hog, other = Browser(chains[0]), Browser(chains[1])
    for browser in (hog, other):
        while browser.sign_in().status_code != HTTPStatus.FOUND:
            time.sleep(5)  # too many from here in the last minute
    read_time(other)
    kinds = {
        "30 exports": {"many": 30, "path": "/repurchase/export.xlsx"},
        "30 CSV exports": {"many": 30, "path": "/repurchase/export.csv"},
        "100 sign-ins": {"many": 100},
        "60 reports": {"many": 60, "path": "/repurchase/"},
    }
    worst = 0.0
    for name, kind in kinds.items():
        usual = read_time(other)
        slow, told = hogged(other, hog, pause=pause, **kind)  # type: ignore[arg-type]
        worst = max(worst, slow / usual)
        sys.stdout.write(f"{name}: {usual * 1000:.0f} ms, {slow * 1000:.0f} ms, x{slow / usual:.2f}; {dict(told)}\n")
        sys.stdout.flush()
    return int(worst > SLOWEST)


if __name__ == "__main__":
    sys.exit(main())
