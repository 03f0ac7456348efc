"""`make bench`: measures on an embedded database of its own and prints the table; --write puts it into docs/speed.md.

`make bench ARGS="reporting"` runs one of them, and writes its rows alone. Exits 1 where a figure is above its budget.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from tests.benchmarks.rows import Row, is_missed

CHECKOUT = Path(__file__).resolve().parents[2]
MODULES = ["billing", "console", "import", "reporting", "tenancy"]
MARK = "<!-- measured -->"
HEAD = ["| what | measured | beside it | ratio |", "| --- | ---: | ---: | ---: |"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("names", nargs="*", choices=[*MODULES, []], help="which to run; all of them if none is named")
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    asked = parser.parse_args()
    names = asked.names or MODULES
    if len(names) > 1:
        # Each on a database of its own: how many chains there are is part of what is measured.
        command = [sys.executable, "-m", "tests.benchmarks", *(["--write"] if asked.write else [])]
        sys.exit(max([subprocess.run([*command, name], check=False).returncode for name in names]))
    with tempfile.TemporaryDirectory(prefix="revisit-bench-") as home:
        os.environ["REVISIT_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
        Path(home).chmod(0o755)
        missed = _run(names[0], Path(home), write=asked.write)
    if missed:
        sys.exit("\n".join(["Above their budgets:", *missed]))


def _run(name: str, home: Path, *, write: bool) -> list[str]:
    """The rows that are above their budgets."""
    table, missed = list(HEAD), []
    with _servers(home):
        import django

        django.setup()
        sys.stdout.write("\n".join(HEAD) + "\n")
        for measured in import_module(f"tests.benchmarks.bench_{name}").run():
            table.append(_line(measured))
            sys.stdout.write(table[-1] + "\n")
            sys.stdout.flush()
            missed += [table[-1]] if is_missed(measured) else []
    if write:
        _write(table[len(HEAD) :])
    return missed


def _write(rows: list[str]) -> None:
    """Into the page: in the place of the rows about the same, or below."""
    page = CHECKOUT / "docs" / "speed.md"
    before, kept, after = page.read_text().split(MARK)
    table = {_about(line): line for line in kept.strip().splitlines()[len(HEAD) :]}
    table |= {_about(line): line for line in rows}
    page.write_text("\n".join([f"{before}{MARK}", *HEAD, *table.values(), f"{MARK}{after}"]))


def _about(line: str) -> tuple[str, str]:
    """What was measured and beside what, without the figures and the number of queries."""
    _, name, _, alternative, *_ = line.split("|")
    return name.split("(")[0].strip(), alternative.split(":")[0].strip()


@contextmanager
def _servers(home: Path) -> Iterator[None]:
    """An embedded database and cache of our own."""
    from deploy.development.servers import processes, valkey
    from deploy.development.servers.database import running_database

    with running_database(home):
        cache = valkey.start(home)
        try:
            while not valkey.answers(home):
                time.sleep(0.01)
            yield
        finally:
            processes.stop(cache, valkey.STOP_STEPS)


def _line(measured: Row) -> str:
    cpu = f" (CPU {' + '.join(map(_figure, measured['cpu']))})" if "cpu" in measured else ""
    return (
        f"| {measured['name']} | {_figure(measured['value'])} {measured['unit']}{cpu} | {measured['alternative']}: "
        f"{_figure(measured['alternative_value'])} {measured['unit']} | {measured['ratio']:.2g} |"
    )


def _figure(value: float) -> str:
    """Three digits that count."""
    return f"{float(f'{value:.3g}'):,.10g}"


if __name__ == "__main__":
    main()
