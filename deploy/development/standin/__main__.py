"""`python -m deploy.development.standin`: start the stand-in, where that is safe."""

import argparse
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from deploy.development.standin.api import KEY
from deploy.development.standin.deliveries import Courier
from deploy.development.standin.server import Server, is_loopback
from deploy.development.standin.state import State


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.development.standin", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="on the loopback address; 0: a free one, printed")
    parser.add_argument("--host", default="127.0.0.1", help="the loopback address; no other is taken")
    parser.add_argument("--state", type=Path, required=True, help="the file in which everything is kept")
    parser.add_argument("--webhook-url", default="", help="where events are brought; without one they wait")
    parser.add_argument("--webhook-secret", action="append", default=[], help="whsec_…; several while they change")
    parser.add_argument("--site-name", default="Revisit", help="whose payment pages these are")
    return parser.parse_args(words)


def refusal(given: argparse.Namespace) -> str:
    """Why it may not be started; empty where it may."""
    told, secrets = given.webhook_url, given.webhook_secret
    rules = (
        (
            not os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".prod"),
            "The stand-in for Stripe is never started with production settings.",
        ),
        (
            os.environ.get("STRIPE_SECRET_KEY", KEY).startswith(KEY),
            f"STRIPE_SECRET_KEY is no test key; the stand-in takes those that begin with {KEY} alone.",
        ),
        (is_loopback(given.host), f"The stand-in listens on the loopback address alone, not on {given.host}."),
        (
            not told or is_loopback(urlsplit(told).hostname),
            f"The stand-in brings events to this machine alone, not to {told}.",
        ),
        (all(secret.startswith("whsec_") for secret in secrets), "A webhook secret begins with whsec_."),
        (bool(secrets) or not told, "Events cannot be signed without --webhook-secret."),
    )
    return next((why for holds, why in rules if not holds), "")


def main(words: list[str] | None = None) -> int:
    given = options(sys.argv[1:] if words is None else words)
    why_not = refusal(given)
    if why_not:
        sys.stderr.write(f"{why_not}\n")
        return 1
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    state = State(given.state, "")
    server = Server(given.port, state, given.site_name)
    state.address = f"http://127.0.0.1:{server.server_port}"
    state.settings.update(webhook_url=given.webhook_url, secrets=given.webhook_secret)
    state.commit()
    courier = Courier(state)
    courier.start()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"{state.address}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.1)
    courier.stopping = True
    with state.lock:
        state.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
