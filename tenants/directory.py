"""Which chain answers at a host: kept in each process, and forgotten the moment any chain or domain changes.

Triggers announce every change when it commits, whoever makes it (the initial migration). Each process that
asks listens on a connection of its own and starts over with nothing kept when it hears one, a millisecond or so later.
Anyone in the database can announce (PostgreSQL has no right for NOTIFY), so each announcement is checked against the
tables, and a flood of false ones costs some looks at them and nothing that is kept.
What was kept is used only while the process is sure to hear: not before it listens, not once the connection is lost or
has been silent for LEASE seconds, and not inside a transaction, which may see what others do not.
"""

import copy
import logging
import os
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tenants.life.addresses import chain_of
from tenants.models import Chain, Domain
from tenants.postgresql_backend.current import connection

CHANNEL = "chains_changed"
HEARTBEAT = 5.0
LEASE = 3 * HEARTBEAT
RETRY_AFTER = 1.0
# Seconds at least between two looks at whether there was a change.
PAUSE = 0.02
# Differs after every change that has been committed: a new or changed row bears the number of its transaction, which is
# higher than those before, and a removed one is missing from the count.
STATE = """
SELECT count(*), sum(number) FROM (
    SELECT xmin::text::bigint AS number FROM public.tenants_chain
    UNION ALL SELECT xmin::text::bigint FROM public.tenants_domain
) AS rows
"""
# Of each kind. A flood of unknown hosts fills its own half only, which then starts over.
MOST_HOSTS = 10_000
LONGEST_HOST = 253
logger = logging.getLogger(__name__)


@dataclass
class Kept:
    """What was read since the last change. An answer that was under way at a change ends up in one nobody reads."""

    chains: dict[str, Chain] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def add(self, host: str, chain: Chain | None) -> None:
        if len(self.unknown if chain is None else self.chains) >= MOST_HOSTS:
            (self.unknown if chain is None else self.chains).clear()
        if chain is None:
            self.unknown.add(host)
        else:
            self.chains[host] = chain


class Directory:
    """The chains by host, of one process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As in a fresh process; also in one just forked, which has no thread that listens."""
        self._kept: Kept | None = None
        self._sure_until = 0.0
        self._listener: threading.Thread | None = None
        self._starting = threading.Lock()

    def chain_at(self, host: str) -> Chain | None:
        """A copy for the caller, since what is kept serves all threads."""
        if len(host) > LONGEST_HOST:
            return None
        kept = self._kept if time.monotonic() < self._sure_until else None
        if kept is None or connection().in_atomic_block:
            self._see_to_listener()
            return _read(host)
        if host in kept.unknown:
            return None
        chain = kept.chains.get(host)
        if chain is None:
            chain = _read(host)
            # An old address stops sending on by itself one day, which no one announces.
            if chain is None or not chain.moved_to:
                kept.add(host, chain)
        return copy.copy(chain)

    def is_sure(self) -> bool:
        """Whether what is kept is used just now."""
        return self._kept is not None and time.monotonic() < self._sure_until

    def _see_to_listener(self) -> None:
        if self._listener is not None or connection().in_atomic_block:
            return
        with self._starting:
            if self._listener is None:
                parameters = {**connection().get_connection_params(), "cursor_factory": psycopg.Cursor}
                self._listener = threading.Thread(
                    target=self._listen, args=[parameters], name="chain-directory", daemon=True
                )
                self._listener.start()

    def _listen(self, parameters: dict[str, Any]) -> None:
        while True:
            try:
                with psycopg.connect(**parameters, autocommit=True) as heard:
                    self._follow(heard)
            except psycopg.Error as error:
                if self._kept is not None:
                    logger.warning("Hosts are looked up one by one until changes are heard again: %s", error)
            finally:
                self._kept = None
            time.sleep(RETRY_AFTER)

    def _follow(self, heard: psycopg.Connection) -> None:
        """Until the connection is lost. What is announced while another statement runs is yielded afterwards."""
        heard.execute(f"LISTEN {CHANNEL}")
        known = None
        while True:
            asked = time.monotonic()
            state = _state(heard)
            if state != known:
                known, self._kept = state, Kept()
            self._sure_until = asked + LEASE
            if list(heard.notifies(timeout=HEARTBEAT, stop_after=1)):
                time.sleep(max(0.0, asked + PAUSE - time.monotonic()))


def _state(heard: psycopg.Connection) -> tuple[Any, ...] | None:
    return heard.execute(STATE).fetchone()


def _read(host: str) -> Chain | None:
    domain = Domain.objects.select_related("tenant").filter(domain=host).first()
    return chain_of(domain) if domain else None


directory = Directory()
os.register_at_fork(after_in_child=directory.forget)
