"""Events brought to the application over HTTP, signed, and tried again until it takes them."""

import hashlib
import hmac
import http.client
import json
import logging
import secrets
import threading
import time
from urllib.parse import urlsplit

from deploy.development.standin import renewals
from deploy.development.standin.events import DELIVERY
from deploy.development.standin.object_fields import Json
from deploy.development.standin.state import State

_LONGEST_PAUSE = 300.0
_SECONDS = 15.0

logger = logging.getLogger(__name__)


def signature(body: bytes, keys: list[str], moment: int) -> str:
    """With several keys, while they change, one signature of each."""
    signed = f"{moment}.".encode() + body
    parts = [f"v1={hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()}" for key in keys]
    return ",".join([f"t={moment}", *parts])


class Courier(threading.Thread):
    """Delivers what is due, and lets come about what time brings."""

    def __init__(self, state: State) -> None:
        super().__init__(name="courier", daemon=True)
        self.state = state
        self.stopping = False

    def run(self) -> None:
        while not self.stopping:
            self.state.wake.wait(1.0)
            self.state.wake.clear()
            try:
                with self.state.lock:
                    renewals.tick(self.state)
                    self.state.commit()
                while self._deliver_due() and not self.stopping:
                    pass
            except Exception:
                logger.exception("The courier stumbled")
                with self.state.lock:
                    self.state.rollback()

    def _deliver_due(self) -> bool:
        """One round; whether there was anything to do."""
        with self.state.lock:
            settings = self.state.settings
            if settings["paused"] or not settings["webhook_url"]:
                return False
            moment = time.time()
            due = [one["id"] for one in self.state.seen(DELIVERY) if not one["done"] and one["due"] <= moment]
            copies, shuffled = settings["copies"], settings["shuffled"]
        due = due * copies
        if shuffled:
            secrets.SystemRandom().shuffle(due)
        for found in due:
            if self.stopping or not self._deliver(found):
                break
        return bool(due)

    def _deliver(self, found: str) -> bool:
        """False where deliveries were stopped meanwhile."""
        with self.state.lock:
            delivery, settings = self.state.find(found), self.state.settings
            if delivery is None or settings["paused"]:
                return False
            event = self.state.get("event", delivery["event"])
            body = json.dumps(event, ensure_ascii=False).encode()
            url, keys = settings["webhook_url"], settings["secrets"]
        answer = post(url, body, keys)
        with self.state.lock:
            delivery = self.state.find(found)
            if delivery is not None:
                _note(self.state, delivery, answer)
            self.state.commit()
        return True


def _note(state: State, delivery: Json, answer: int) -> None:
    delivery["attempts"] += 1
    delivery["answer"] = answer
    if 200 <= answer < 300:
        delivery["done"] = True
        state.get("event", delivery["event"])["pending_webhooks"] = 0
    else:
        delivery["due"] = time.time() + min(_LONGEST_PAUSE, 2.0 ** (delivery["attempts"] - 1))


def post(url: str, body: bytes, keys: list[str]) -> int:
    """The status it was answered with; 0 where there was no answer."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_SECONDS)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (stand-in)",
        "Stripe-Signature": signature(body, keys, int(time.time())),
    }
    try:
        connection.request("POST", place.path or "/", body, headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
    return response.status


def again(state: State, event: str) -> Json:
    """Deliver an event once more, whatever became of it before."""
    delivery = state.get(DELIVERY, f"_{event}")
    delivery.update(done=False, due=0.0)
    state.wake.set()
    return delivery
