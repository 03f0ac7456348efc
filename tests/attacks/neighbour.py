"""What the people of a second chain feel: how long their pages, their mail and the check of a small file take."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.visitor import Visitor, as_proposed

PAGES = ("/repurchase/", "/stores/", "/clients/", "/team/", "/imports/")
# Seconds a page is looked at before the next one.
PAUSE = 0.1
PATIENCE = 60
CHECKED = "checked, not imported"


@dataclass(frozen=True)
class Felt:
    """Seconds of each page, of a letter from the form to the letter box, and of a file until it is checked."""

    pages: Mapping[str, list[float]]
    mail: list[float]
    checks: list[float]
    # Answers other than the page asked for.
    failures: list[str]

    def typical(self, page: str) -> float:
        return statistics.median(self.pages[page])

    def late(self, page: str) -> float:
        """Nine of ten are sooner."""
        return statistics.quantiles(self.pages[page], n=10)[-1]


def feel(chain: Mapping[str, object], home: Path, *, rounds: int, times: int) -> Felt:
    """`chain` as demo.json tells of it; a letter so many times in all, and three checks for each of them."""
    logins: list[dict[str, str]] = chain["logins"]  # type: ignore[assignment]
    owner = logins[0]
    visitor = Visitor(str(chain["url"]))
    failures = []
    entered = visitor.sign_in(owner["email"], owner["password"])
    if entered.status != 302:
        failures.append(f"sign-in: {entered.status}")
    pages: dict[str, list[float]] = {page: [] for page in PAGES}
    mail, checks = [], []
    for number in range(rounds):
        for page in PAGES:
            answer = visitor.get(page)
            if answer.status != 200:
                failures.append(f"{page}: {answer.status}")
            pages[page].append(answer.seconds)
            time.sleep(PAUSE)
        if _is_due(number, rounds, 3 * times):
            checks.append(_check(visitor))
        if _is_due(number, rounds, times):
            # In turn, since a person gets five letters a minute at most.
            mail.append(_letter(str(chain["url"]), logins[number % len(logins)]["email"], home))
    return Felt(pages, mail, checks, failures)


def _is_due(number: int, rounds: int, times: int) -> bool:
    """Whether something done so many times in all rounds is to be done in this one."""
    return number * times // rounds != (number + 1) * times // rounds


def _letter(url: str, address: str, home: Path) -> float:
    """Seconds until a letter with the way to a new password lies in the letter box."""
    before = _letters(home, address)
    began = time.perf_counter()
    Visitor(url).post("/account/password/forgotten/", {"email": address})
    while _letters(home, address) == before:
        if time.perf_counter() - began > PATIENCE:
            return float("inf")
        time.sleep(0.05)
    return time.perf_counter() - began


def _letters(home: Path, address: str) -> int:
    """Django's file backend writes one file a connection."""
    return sum(file.read_text(errors="replace").count(f"To: {address}") for file in (home / "mail").glob("*.log"))


def _check(visitor: Visitor) -> float:
    """Seconds from the upload of a file of one row until it is checked."""
    began = time.perf_counter()
    content = b"client_ref,name\nC1,Ann Lee\n"
    place = visitor.upload("/imports/new/", {"kind": "clients"}, name="one.csv", content=content).location
    asked = False
    while place and CHECKED not in (page := visitor.get(place).text):
        if time.perf_counter() - began > PATIENCE:
            return float("inf")
        if not asked and 'name="column_0"' in page:
            asked = visitor.post(place, as_proposed(page)).status == 302
        time.sleep(0.05)
    return time.perf_counter() - began if place else float("inf")
