"""Caches in each process which chain answers at a host; the cache is emptied as soon as a chain or domain changes.

Database triggers (in the initial migration) NOTIFY every committed change. Each process listens on a connection of its
own and empties its cache about a millisecond later. Anyone in the database can send such a notification, since
PostgreSQL has no privilege for NOTIFY, so each is checked against the tables: false ones cost a query, not the cache.

The cache is used only while the process is sure to hear of changes: not before it listens, not after the connection is
lost or has been silent for LEASE seconds, and not inside a transaction, which may see uncommitted rows.
"""

import copy
import logging
import os
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tenants.life.addresses import chain_for_domain
from tenants.models import Chain, Domain
from tenants.postgresql_backend.current import connection

CHANNEL = "chains_changed"
HEARTBEAT = 5.0
LEASE = 3 * HEARTBEAT
RETRY_SECONDS = 1.0
# Minimum seconds between two checks for changes.
MIN_CHECK_INTERVAL = 0.02
# Differs after every committed change: a new or changed row carries its transaction's number (xmin), which is higher
# than those before, and a removed row lowers the count.
STATE_SQL = """
SELECT count(*), sum(number) FROM (
    SELECT xmin::text::bigint AS number FROM public.tenants_chain
    UNION ALL SELECT xmin::text::bigint FROM public.tenants_domain
) AS rows
"""
# Per kind, known and unknown: a flood of unknown hosts fills and resets only its own half.
MAX_HOSTS = 10_000
MAX_HOST_LENGTH = 253
logger = logging.getLogger(__name__)


@dataclass
class Entries:
    """The cached hosts. Replaced as a whole at a change, so that a lookup in progress fills a discarded object."""

    chains: dict[str, Chain] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def add(self, host: str, chain: Chain | None) -> None:
        if len(self.unknown if chain is None else self.chains) >= MAX_HOSTS:
            (self.unknown if chain is None else self.chains).clear()
        if chain is None:
            self.unknown.add(host)
        else:
            self.chains[host] = chain


class HostCache:
    """The cache of one process."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Reset to the state of a fresh process; needed after a fork, which does not copy the listener thread."""
        self._entries: Entries | None = None
        self._trusted_until = 0.0
        self._listener: threading.Thread | None = None
        self._starting = threading.Lock()

    def find_chain(self, host: str) -> Chain | None:
        """Return the chain that answers at a host, or None; a copy, since the cached object is shared by threads."""
        if len(host) > MAX_HOST_LENGTH:
            return None
        entries = self._entries if self.is_trusted() else None
        if entries is None or connection().in_atomic_block:
            self._ensure_listener()
            return _load_chain(host)
        if host in entries.unknown:
            return None
        chain = entries.chains.get(host)
        if chain is None:
            chain = _load_chain(host)
            # Redirects of old addresses expire without a notification, so they are not cached.
            if chain is None or not chain.moved_to:
                entries.add(host, chain)
        return copy.copy(chain)

    def is_trusted(self) -> bool:
        """Return whether the cache is in use."""
        return self._entries is not None and time.monotonic() < self._trusted_until

    def _ensure_listener(self) -> None:
        if self._listener is not None or connection().in_atomic_block:
            return
        with self._starting:
            if self._listener is None:
                parameters = {**connection().get_connection_params(), "cursor_factory": psycopg.Cursor}
                self._listener = threading.Thread(
                    target=self._listen, args=[parameters], name="host-cache", daemon=True
                )
                self._listener.start()

    def _listen(self, parameters: dict[str, Any]) -> None:
        while True:
            try:
                with psycopg.connect(**parameters, autocommit=True) as listener:
                    self._watch_changes(listener)
            except psycopg.Error as error:
                if self._entries is not None:
                    logger.warning("Hosts are looked up one by one until changes are heard again: %s", error)
            finally:
                self._entries = None
            time.sleep(RETRY_SECONDS)

    def _watch_changes(self, listener: psycopg.Connection) -> None:
        """Empty the cache at each change until the connection is lost; notifications during a query are not lost."""
        listener.execute(f"LISTEN {CHANNEL}")
        known_state = None
        while True:
            checked_at = time.monotonic()
            state = _fetch_state(listener)
            if state != known_state:
                known_state, self._entries = state, Entries()
            self._trusted_until = checked_at + LEASE
            if list(listener.notifies(timeout=HEARTBEAT, stop_after=1)):
                time.sleep(max(0.0, checked_at + MIN_CHECK_INTERVAL - time.monotonic()))


def _fetch_state(listener: psycopg.Connection) -> tuple[Any, ...] | None:
    return listener.execute(STATE_SQL).fetchone()


def _load_chain(host: str) -> Chain | None:
    domain = Domain.objects.select_related("tenant").filter(domain=host).first()
    return chain_for_domain(domain) if domain else None


host_cache = HostCache()
os.register_at_fork(after_in_child=host_cache.reset)
