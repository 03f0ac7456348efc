"""One chain queues imports and exports without end; how long does another's one-row check take, and its mail?

    python -m tests.attacks.hog_chain [--files 6] [--rows 60000] [--port 18999]

Starts a site of its own, measures the other chain alone and beside the hog, prints both and the ratio, and exits with 1
where it is above 2 or a letter takes more than 10 seconds. It takes a few minutes and leaves nothing behind.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenants.models import Chain

MOST_TIMES, MOST_SECONDS_OF_MAIL = 2.0, 10.0
TRIES = 9
AT_MOST = 600
HEAD = "client_ref,started_at,amount\n"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=6)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--port", type=int, default=18999)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="revisit-hog-") as home:
        Path(home).chmod(0o755)
        os.environ.update(REVISIT_HOME=home, PORT=str(given.port), DJANGO_SETTINGS_MODULE="config.settings.dev")
        with _site():
            sys.exit(_measure(given.files, given.rows))


@contextmanager
def _site() -> Iterator[None]:
    revisit = [sys.executable, "-m", "config.cli"]
    subprocess.run([*revisit, "serve", "--detach"], check=True, stdout=subprocess.DEVNULL)
    try:
        import django

        django.setup()
        yield
    finally:
        subprocess.run([*revisit, "stop"], check=True, stdout=subprocess.DEVNULL)


def _measure(files: int, rows: int) -> int:
    import config.celery  # noqa: F401 - tasks go to the site's broker

    hog, other = _chain("hog"), _chain("other")
    _seconds_of_check(other)
    alone = [_seconds_of_check(other) for _ in range(TRIES)]
    runs = [_upload(hog, _content(rows, number)) for number in range(files)]
    for run in runs:
        _start(hog, run)
    _export(hog)
    _wait(lambda: "running" in _statuses(hog))
    beside, mail = [], []
    for _ in range(TRIES):
        beside.append(_seconds_of_check(other))
        mail.append(_seconds_of_mail(other))
    left = _statuses(hog).count("queued")
    times = statistics.median(beside) / statistics.median(alone)
    sys.stdout.write(
        f"check alone   {_said(alone)}\ncheck beside  {_said(beside)}, {times:.2f} times\nmail beside   {_said(mail)}\n"
        f"files of the hog that still waited at the end: {left} of {files}\n"
    )
    return int(times > MOST_TIMES or max(mail) > MOST_SECONDS_OF_MAIL or not left)


def _said(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):6.2f} s (slowest {max(seconds):.2f})"


def _chain(schema: str) -> "Chain":
    from django_tenants.utils import tenant_context

    from core.accounts.models import User
    from core.stores.services.stores import open_store
    from tenants.models import Chain
    from tenants.provisioning import create_chain

    create_chain(schema=schema, name=schema, domain=f"{schema}.localhost")
    chain = Chain.objects.get(schema_name=schema)
    with tenant_context(chain):
        User.objects.create(email="owner@example.com", name="Owner", role=User.Role.OWNER, language="en")
        open_store(code="S001", name="One", city="上海", city_tier="一线", region="华东")
    return chain


def _content(rows: int, number: int) -> str:
    return HEAD + "".join(f"C{row % 5000},2025-{row % 12 + 1:02}-{number + 1:02},82\n" for row in range(rows))


def _upload(chain: "Chain", content: str) -> Any:
    from django_tenants.utils import tenant_context

    from core.imports.models import ImportRun
    from core.imports.runs.uploads import stored_as
    from core.imports.services.rejects import new_folder

    with tenant_context(chain):
        path = new_folder() / "upload"
        path.write_text(content)
        options = {"header": True, "delimiter": ",", "store": "S001", "create_missing": True}
        return ImportRun.objects.create(kind="visits", file_name="a.csv", path=stored_as(path), options=options)


def _start(chain: "Chain", run: Any) -> None:
    from django_tenants.utils import tenant_context

    from core.accounts.models import User
    from core.imports.runs.starting import start

    with tenant_context(chain):
        start(run, user=User.objects.get(), dry_run=True)


def _export(chain: "Chain") -> None:
    from django_tenants.utils import tenant_context

    from core.accounts.models import User
    from tenants.life.exports import ask_export

    with tenant_context(chain):
        ask_export(chain, acting_user=User.objects.get())


def _statuses(chain: "Chain") -> list[str]:
    from django_tenants.utils import tenant_context

    from core.imports.models import ImportRun

    with tenant_context(chain):
        return list(ImportRun.objects.values_list("status", flat=True))


def _seconds_of_check(chain: "Chain") -> float:
    from django_tenants.utils import tenant_context

    run = _upload(chain, f"{HEAD}KERT01,2025-03-15,82\n")
    began = time.monotonic()
    _start(chain, run)

    def is_done() -> bool:
        with tenant_context(chain):
            run.refresh_from_db()
        return bool(run.status == "done")

    _wait(is_done)
    return time.monotonic() - began


def _seconds_of_mail(chain: "Chain") -> float:
    from django.core.mail import send_mail
    from django_tenants.utils import tenant_context

    from core.mail.models import OutgoingMail

    began = time.monotonic()
    with tenant_context(chain):
        send_mail("Reset", "Your link", None, ["owner@example.com"])
        _wait(lambda: not OutgoingMail.objects.exists())
    return time.monotonic() - began


def _wait(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + AT_MOST
    while not holds():
        if time.monotonic() > deadline:
            sys.exit("It did not come about in ten minutes.")
        time.sleep(0.02)


if __name__ == "__main__":
    main()
