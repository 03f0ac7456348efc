"""`make bench`: measures on an embedded database of its own and prints the table; --write puts it into docs/speed.md.

`make bench ARGS="repurchase"` runs one of them.
"""

import argparse
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.benchmarks.rows import Row

CHECKOUT = Path(__file__).resolve().parents[2]
MODULES = ["import", "repurchase"]
MARK = "<!-- measured -->"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("names", nargs="*", choices=[*MODULES, []], help="which to run; all of them if none is named")
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="revisit-bench-") as home:
        os.environ["REVISIT_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
        Path(home).chmod(0o755)
        _run(asked.names or MODULES, Path(home), write=asked.write)


def _run(names: list[str], home: Path, *, write: bool) -> None:
    from config.embedded.membership import Membership

    membership = Membership(home)
    membership.join()
    try:
        import django

        django.setup()
        rows: list[Row] = []
        for name in names:
            rows += import_module(f"tests.benchmarks.bench_{name}").run()
    finally:
        membership.leave()
    table = "\n".join(_lines(rows))
    sys.stdout.write(table + "\n")
    if write:
        page = CHECKOUT / "docs" / "speed.md"
        before, _, after = page.read_text().split(MARK)
        page.write_text(f"{before}{MARK}\n{table}\n{MARK}{after}")


def _lines(rows: list[Row]) -> list[str]:
    head = ["| what | measured | beside it | ratio |", "| --- | ---: | ---: | ---: |"]
    return head + [
        f"| {r['name']} | {r['value']:,.4g} {r['unit']} "
        f"| {r['alternative']}: {r['alternative_value']:,.4g} {r['unit']} | {r['ratio']:.3g} |"
        for r in rows
    ]


if __name__ == "__main__":
    main()
