"""The stand-in for Stripe beside a site that names no key of its own; see docs/billing-development.md."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from deploy.development.servers import locations, processes

NAME = "stripe"
KEY = "sk_test_standin"
STOP_STEPS = ((signal.SIGTERM, 5.0),)


def is_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Not where Stripe itself is named, and never in production."""
    return not environment.get("STRIPE_SECRET_KEY") and not environment.get("DJANGO_SETTINGS_MODULE", "").endswith(
        ".prod"
    )


def _file(home: Path) -> Path:
    """Its port and the secret that signs its events."""
    return home / "stripe.json"


def choose_port(home: Path) -> None:
    """A port and a secret, kept over restarts; another port where somebody else has taken it meanwhile."""
    kept = _kept(home)
    if kept and _is_free(int(kept["port"])):
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    fresh = _file(home).with_name("stripe.new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps({"port": port, "secret": kept.get("secret") or f"whsec_{secrets.token_hex(24)}"}))
    fresh.replace(_file(home))


def _kept(home: Path) -> dict[str, str]:
    return json.loads(_file(home).read_text()) if _file(home).exists() else {}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def environment(home: Path) -> dict[str, str]:
    """What the application is told, so that it speaks to the stand-in; nothing where none was chosen."""
    kept = _kept(home) if is_wanted() else {}
    if not kept:
        return {}
    address = f"http://127.0.0.1:{kept['port']}"
    return {
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": address,
        "STRIPE_WEBHOOK_SECRETS": kept["secret"],
        "STRIPE_STANDIN_URL": f"{address}/",
    }


def use_if_running(home: Path, told: MutableMapping[str, str] = os.environ) -> None:
    """Have a command that is run beside a site speak to the stand-in of that site."""
    if answers(home):
        told.update(environment(home))


def start(home: Path, site_port: int, told: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    kept = _kept(home)
    words = ["--port", str(kept["port"]), "--state", str(home / "stripe.sqlite")]
    words += ["--webhook-url", f"http://localhost:{site_port}/billing/webhook/", "--webhook-secret", kept["secret"]]
    return processes.start(
        [sys.executable, "-m", "deploy.development.standin", *words],
        log=log_file(home),
        when_orphaned=signal.SIGKILL,
        environment=told,
    )


def log_file(home: Path) -> Path:
    return locations.logs(home) / f"{NAME}.log"


def answers(home: Path) -> bool:
    kept = _kept(home)
    if not kept:
        return False
    try:
        with socket.create_connection(("127.0.0.1", int(kept["port"])), timeout=1.0):
            return True
    except OSError:
        return False
