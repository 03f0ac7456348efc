"""`make attack`: serves the demo, attacks it in every way at once, and shows what a second chain feels of it.

`make attack ARGS="exports imports"` makes some of the attacks alone. Exits 1 where a page takes twice its usual time or
more, the check of a small file over two seconds, a letter over ten, or the site is slower afterwards.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from config.priority import give_way
from tests.attacks import assailants
from tests.attacks.neighbour import PAGES, Felt, feel

PORT = int(os.environ.get("ATTACK_PORT", "8973"))
ROUNDS, TIMES = 20, 2
MOST_SLOWER = 2.0
LATEST_CHECK, LATEST_LETTER = 2.0, 10.0
LONGEST_BEGINNING = 60.0
# Attackers have machines of their own. Here they go behind the pages of the site, level with what it does behind them.
NICENESS = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="make attack")
    parser.add_argument("attacks", nargs="*", choices=[*assailants.ATTACKS, []], help="all of them if none is named")
    attacks = parser.parse_args().attacks or list(assailants.ATTACKS)
    with tempfile.TemporaryDirectory(prefix="revisit-attack-") as place:
        home = Path(place) / "home"
        serve = [sys.executable, "-m", "config.cli", "serve", "--demo", "--detach"]
        environment = {**os.environ, "REVISIT_HOME": str(home), "PORT": str(PORT)}
        subprocess.run(serve, env=environment, check=True, stdout=subprocess.DEVNULL)
        try:
            failures = _run(home, attacks)
        finally:
            subprocess.run([sys.executable, "-m", "config.cli", "stop"], env=environment, check=True)
    sys.stdout.write("\n".join(["", *failures]) + "\n" if failures else "\nAll held.\n")
    sys.exit(bool(failures))


def _run(home: Path, attacks: list[str]) -> list[str]:
    hog, neighbour = json.loads((home / "demo.json").read_text())["chains"]
    feel(neighbour, home, rounds=3, times=1)
    quiet = feel(neighbour, home, rounds=ROUNDS, times=TIMES)
    with multiprocessing.get_context("fork").Manager() as manager:
        told = manager.dict()
        attackers = [_begin(assailants.ATTACKS[name], hog, told) for name in attacks]
        time.sleep(5)
        loud = feel(neighbour, home, rounds=ROUNDS, times=TIMES)
        for attacker in attackers:
            attacker.terminate()
            attacker.join()
        for name, what in sorted(told.items()):
            sys.stdout.write(f"{name}: {what}\n")
    time.sleep(5)
    after = feel(neighbour, home, rounds=ROUNDS, times=TIMES)
    _show(quiet, loud, after)
    return [*_judged("under attack", quiet, loud), *_judged("afterwards", quiet, after)]


def _begin(attack: Callable[..., None], hog: Mapping[str, Any], told: Any) -> multiprocessing.Process:
    def run() -> None:
        os.setsid()
        give_way(NICENESS)
        attack(hog, told)

    process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
    before = len(told)
    process.start()
    # The chain's flood of sign-ins, begun too soon, would keep its owner from signing in for the others.
    deadline = time.monotonic() + LONGEST_BEGINNING
    while len(told) == before:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{attack.__name__} did not begin")
        time.sleep(0.1)
    return process  # type: ignore[return-value]


def _show(quiet: Felt, loud: Felt, after: Felt) -> None:
    sys.stdout.write("\n| page | quiet, ms | attacked | ratio | nine of ten under | afterwards |\n")
    sys.stdout.write("| --- | ---: | ---: | ---: | ---: | ---: |\n")
    for page in PAGES:
        usual, slow = quiet.typical(page), loud.typical(page)
        row = [usual * 1000, slow * 1000, slow / usual, loud.late(page) * 1000, after.typical(page) * 1000]
        sys.stdout.write(f"| `{page}` | {row[0]:.0f} | {row[1]:.0f} | {row[2]:.2f} | {row[3]:.0f} | {row[4]:.0f} |\n")
    for name, felt in (("quiet", quiet), ("attacked", loud), ("afterwards", after)):
        check = statistics.median(felt.checks)
        sys.stdout.write(f"{name}: mail {max(felt.mail):.1f} s at most, a check {check:.2f} s (median)\n")


def _judged(when: str, quiet: Felt, then: Felt) -> list[str]:
    slow = [
        f"{when}, {page} takes {then.typical(page) / quiet.typical(page):.2f} times as long"
        for page in PAGES
        if then.typical(page) >= MOST_SLOWER * quiet.typical(page)
    ]
    if statistics.median(then.checks) > LATEST_CHECK:
        slow.append(f"{when}, the check of a small file takes {statistics.median(then.checks):.1f} s")
    late = [f"{when}, a letter took {seconds:.1f} s" for seconds in then.mail if seconds > LATEST_LETTER]
    return [*(f"{when}, {failure}" for failure in then.failures), *slow, *late]


if __name__ == "__main__":
    main()
