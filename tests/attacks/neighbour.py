"""What the people of a second chain feel: how long their pages and their mail take."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.visitor import Visitor

PAGES = ("/repurchase/", "/stores/", "/clients/", "/team/", "/imports/")
# Seconds a page is looked at before the next one.
PAUSE = 0.1
MAIL_PATIENCE = 60


@dataclass(frozen=True)
class Felt:
    """Seconds of each page asked for, and of a letter from the form to the letter box."""

    pages: Mapping[str, list[float]]
    mail: list[float]
    # Answers other than the page asked for.
    failures: list[str]

    def typical(self, page: str) -> float:
        return statistics.median(self.pages[page])

    def late(self, page: str) -> float:
        """Nine of ten are sooner."""
        return statistics.quantiles(self.pages[page], n=10)[-1]


def feel(chain: Mapping[str, object], home: Path, *, rounds: int, letters: int) -> Felt:
    """`chain` as demo.json tells of it."""
    logins: list[dict[str, str]] = chain["logins"]  # type: ignore[assignment]
    owner, someone = logins[0], logins[-1]
    visitor = Visitor(str(chain["url"]))
    failures = []
    entered = visitor.sign_in(owner["email"], owner["password"])
    if entered.status != 302:
        failures.append(f"sign-in: {entered.status}")
    pages: dict[str, list[float]] = {page: [] for page in PAGES}
    mail = []
    for number in range(rounds):
        for page in PAGES:
            answer = visitor.get(page)
            if answer.status != 200:
                failures.append(f"{page}: {answer.status}")
            pages[page].append(answer.seconds)
            time.sleep(PAUSE)
        if number * letters // rounds != (number + 1) * letters // rounds:
            mail.append(_letter(str(chain["url"]), someone["email"], home))
    return Felt(pages, mail, failures)


def _letter(url: str, address: str, home: Path) -> float:
    """Seconds until a letter with the way to a new password lies in the letter box."""
    before = _letters(home, address)
    began = time.perf_counter()
    Visitor(url).post("/account/password/forgotten/", {"email": address})
    while _letters(home, address) == before:
        if time.perf_counter() - began > MAIL_PATIENCE:
            return float("inf")
        time.sleep(0.05)
    return time.perf_counter() - began


def _letters(home: Path, address: str) -> int:
    """Django's file backend writes one file a connection."""
    return sum(file.read_text(errors="replace").count(f"To: {address}") for file in (home / "mail").glob("*.log"))
