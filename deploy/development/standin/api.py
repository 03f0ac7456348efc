"""One call of the API: the key, the idempotency key, the route, and all of it in one transaction."""

import base64
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.development.standin import lists
from deploy.development.standin.errors import ApiError
from deploy.development.standin.object_fields import API_VERSION, Json, new_id, public
from deploy.development.standin.params import Params, parse
from deploy.development.standin.periods import DAY
from deploy.development.standin.routes import ROUTES, Route
from deploy.development.standin.state import State, now

KEY = "sk_test_"
ANSWER = "_answer"
FAILURE = 500

logger = logging.getLogger(__name__)


@dataclass
class Reply:
    status: int
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    text: str
    headers: Mapping[str, str]

    @property
    def key(self) -> str | None:
        return self.headers.get("Idempotency-Key") if self.method == "POST" else None

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(f"{self.method} {self.path}\n{self.text}".encode()).hexdigest()


def answer(state: State, call: Call) -> Reply:
    request = new_id("req", 14)
    with state.lock:
        state.request = {"id": request, "idempotency_key": call.key}
        try:
            reply = _answer(state, call)
        finally:
            state.request = {"id": None, "idempotency_key": None}
    reply.headers.update({"Request-Id": request, "Stripe-Version": API_VERSION})
    return reply


def _answer(state: State, call: Call) -> Reply:
    try:
        _check_key(call)
        known = _known_answer(state, call)
        if known is not None:
            return known
        reply = _reply(200, _work(state, call))
    except ApiError as error:
        if not error.keep:
            state.rollback()
        reply = _reply(error.status, public(error.body))
    except Exception:
        logger.exception("%s %s failed", call.method, call.path)
        state.rollback()
        reply = _reply(500, {"error": {"type": "api_error", "message": "The stand-in failed; see its log."}})
    if reply.status in {200, 402} or reply.status >= FAILURE:
        _keep_answer(state, call, reply)
    state.commit()
    return reply


def keep_failure(state: State, call: Call, reply: Reply) -> None:
    """Of a fault that was asked for: as Stripe, which gives a failure of its own again to the same key for a day."""
    with state.lock:
        if reply.status >= FAILURE and state.find(f"_key_{call.key}") is None:
            _keep_answer(state, call, reply)
            state.commit()


def _reply(status: int, body: Json) -> Reply:
    return Reply(status, json.dumps(body, ensure_ascii=False).encode())


def _check_key(call: Call) -> None:
    scheme, _, secret = call.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        secret = base64.b64decode(secret).decode().removesuffix(":")
    if scheme not in {"Bearer", "Basic"} or not secret.startswith(KEY):
        message = "Invalid API Key provided. The stand-in takes any that begins with sk_test_, and no others."
        raise ApiError(message, status=401)


def _known_answer(state: State, call: Call) -> Reply | None:
    found = state.find(f"_key_{call.key}") if call.key else None
    if found is None or found["at"] < now(state) - DAY:
        return None
    if found["fingerprint"] != call.fingerprint:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{call.key}'."
        )
        raise ApiError(message, kind="idempotency_error")
    return Reply(found["status"], found["body"].encode(), headers={"Idempotent-Replayed": "true"})


def _keep_answer(state: State, call: Call, reply: Reply) -> None:
    """As Stripe: what was refused before any work began is not kept, so that it can be sent again mended."""
    if call.key:
        state.add(
            {
                "id": f"_key_{call.key}",
                "object": ANSWER,
                "fingerprint": call.fingerprint,
                "status": reply.status,
                "body": reply.body.decode(),
                "at": now(state),
            }
        )


def route(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    known = False
    for candidate in ROUTES:
        match = candidate.pattern.fullmatch(path)
        if match and candidate.method == method:
            return candidate, match.groups()
        known = known or match is not None
    message = f"Unrecognized request URL ({method}: {path}). The stand-in may not know it although Stripe does."
    raise ApiError(message, status=405 if known else 404)


def _work(state: State, call: Call) -> Json:
    found, ids = route(call.method, call.path)
    params = Params(parse(call.text))
    params.only(found.takes)
    result = found.handler(state, params, *ids)
    if isinstance(result, list):
        result = lists.page(result, params, call.path)
    return lists.expand(state, public(result), params.texts("expand"))
