"""What the stand-in knows: objects by id, kept in one SQLite file. Each request is one transaction."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.development.standin.errors import missing
from deploy.development.standin.object_fields import Json

_MAKE = "CREATE TABLE IF NOT EXISTS objects (number INTEGER PRIMARY KEY, id TEXT UNIQUE, kind TEXT, body TEXT)"
_PUT = "INSERT INTO objects (id, kind, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
SETTINGS = "_settings"


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


class State:
    """Whoever uses it holds `lock`. What `get` and `where` give may be changed; it is written by `commit`."""

    def __init__(self, path: Path, address: str) -> None:
        self.lock = threading.RLock()
        self.address = address
        # Set when there may be something to deliver.
        self.wake = threading.Event()
        self.request: Json = {"id": None, "idempotency_key": None}
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.execute(_MAKE)
        self._load()

    def _load(self) -> None:
        self._objects: dict[str, Json] = {}
        self._kinds: dict[str, dict[str, Json]] = {}
        self._texts: dict[str, str] = {}
        self._touched: set[str] = set()
        # What was last told of an object in an event of this request.
        self.told: dict[str, str] = {}
        for found, kind, body in self._file.execute("SELECT id, kind, body FROM objects ORDER BY number"):
            self._texts[found] = body
            self._place(found, kind, json.loads(body))

    def _place(self, found: str, kind: str, value: Json) -> None:
        self._objects[found] = value
        self._kinds.setdefault(kind, {})[found] = value

    def add(self, value: Json) -> Json:
        self._place(value["id"], value["object"], value)
        self._touched.add(value["id"])
        return value

    def remove(self, value: Json) -> None:
        del self._objects[value["id"]]
        del self._kinds[value["object"]][value["id"]]
        self._touched.add(value["id"])

    def find(self, found: str | None) -> Json | None:
        value = self._objects.get(found or "")
        if value is not None:
            self._touched.add(value["id"])
        return value

    def get(self, kind: str, found: str, *, param: str = "id") -> Json:
        value = self.find(found)
        if value is None or value["object"] != kind:
            raise missing(kind.rsplit(".", maxsplit=1)[-1], found, param=param)
        return value

    def seen(self, kind: str) -> list[Json]:
        """Every object of a kind, oldest first, only to be read."""
        return list(self._kinds.get(kind, {}).values())

    def where(self, kind: str, **equal: object) -> list[Json]:
        found = [value for value in self.seen(kind) if all(value.get(key) == wanted for key, wanted in equal.items())]
        self._touched.update(value["id"] for value in found)
        return found

    def before(self, found: str) -> Json | None:
        """How an object was when it was last told of."""
        text = self.told.get(found) or self._texts.get(found)
        return json.loads(text) if text else None

    def tell(self, value: Json) -> None:
        self.told[value["id"]] = _text(value)

    @property
    def settings(self) -> Json:
        """What a control call can set; see `control`."""
        return self.find(SETTINGS) or self.add(
            {
                "id": SETTINGS,
                "object": SETTINGS,
                "offset": 0,
                "at": None,
                "webhook_url": "",
                "secrets": [],
                "after_retries": "cancel",
                "paused": False,
                "shuffled": False,
                "copies": 1,
            }
        )

    def commit(self) -> None:
        self._file.execute("BEGIN IMMEDIATE")
        for found in self._touched:
            value = self._objects.get(found)
            if value is None:
                self._file.execute("DELETE FROM objects WHERE id = ?", [found])
                self._texts.pop(found, None)
            elif (text := _text(value)) != self._texts.get(found):
                self._file.execute(_PUT, [found, value["object"], text])
                self._texts[found] = text
        self._file.execute("COMMIT")
        self._touched.clear()
        self.told.clear()

    def rollback(self) -> None:
        self._restore({})
        self._touched.clear()
        self.told.clear()

    def _restore(self, texts: dict[str, str | None]) -> None:
        """What was touched, to these texts, else to what is in the file."""
        for found in self._touched:
            value, text = self._objects.get(found), texts.get(found, self._texts.get(found))
            if text is not None:
                old = json.loads(text)
                # In place: who holds the object has it as it was.
                kept = value if value is not None else {}
                kept.clear()
                kept.update(old)
                self._place(found, old["object"], kept)
            elif value is not None:
                del self._objects[found]
                del self._kinds[value["object"]][found]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside is looked at and then has not happened. What was done before is kept."""
        touched, told = self._touched, self.told
        texts = {found: _text(self._objects[found]) if found in self._objects else None for found in touched}
        self._touched, self.told = set(), dict(told)
        try:
            yield
        finally:
            self._restore(texts)
            self._touched, self.told = touched, told

    def clear(self) -> None:
        """Everything but the settings of the start."""
        kept = {key: self.settings[key] for key in ("webhook_url", "secrets")}
        self._file.execute("DELETE FROM objects")
        self._load()
        self.settings.update(kept)
        self.commit()

    def close(self) -> None:
        self._file.close()


def now(state: State, customer: Json | str | None = None) -> int:
    """The time where a customer lives: of its test clock, else of all others."""
    if isinstance(customer, str):
        customer = state.find(customer)
    if customer and customer.get("test_clock"):
        clock = state.find(customer["test_clock"])
        if clock is not None:
            return int(clock["frozen_time"])
    settings = state.settings
    return int(settings["at"] or time.time() + settings["offset"])
