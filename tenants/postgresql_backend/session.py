"""The driver's side: a connection that stands where it should before it runs anything.

Where a session stands (search path, role, time limit) is one piece of SQL. The connection knows which piece it wants
and which it last applied, and each cursor applies the wanted one before it sends a query, COPY, a named cursor or a
savepoint. Whoever holds an older cursor after a switch still runs in the right chain, and a statement whose settings
could not be applied is not sent at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, Self, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from psycopg import Connection, Cursor, ServerCursor, Transaction, errors
from psycopg.abc import PQGen
from psycopg.copy import Copy
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

# The status of ROLLBACK, of ROLLBACK TO SAVEPOINT, and of COMMIT where the transaction had failed.
ROLLED_BACK = "ROLLBACK"
CANCEL_SECONDS = 5.0
Result = TypeVar("Result")


class ChainConnection(Connection[TupleRow]):
    """Applies its session settings by itself, and again after the server has taken them back."""

    wanted: bytes | None = None
    many_statements = False
    _applied: bytes | None = None

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Self:
        made = super().connect(*args, **kwargs)
        made.cursor_factory, made.server_cursor_factory = ChainCursor, NamedChainCursor
        return made

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        """Where a task's time is up its statement ends in the server too, as psycopg sees to for Ctrl-C."""
        try:
            return super().wait(gen, interval, timeout)
        except SoftTimeLimitExceeded:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.cancel_safe(timeout=CANCEL_SECONDS)
                with suppress(errors.QueryCanceled):
                    super().wait(gen, interval, CANCEL_SECONDS)
            raise

    @contextmanager
    def settings_applied(self) -> Iterator[None]:
        """For one statement: with the wanted settings; if it does not end well, nobody knows which hold after it."""
        self._apply_settings()
        applied, self._applied = self._applied, None
        yield
        self._applied = applied

    def _apply_settings(self) -> None:
        """Send what is wanted unless it holds already.

        In a failed transaction the server refuses everything but its end, so nothing can run with the wrong settings.
        """
        if self.wanted is None or self._applied == self.wanted:
            return
        if self.pgconn.transaction_status == TransactionStatus.INERROR:
            return
        self._applied = None
        self.send_settings(self.wanted)
        self._applied = self.wanted

    def send_settings(self, settings: bytes) -> None:
        # A plain cursor of the driver's own takes several statements at once.
        with Cursor(self) as cursor:
            cursor.execute(settings)

    def forget_settings(self) -> None:
        """A rollback takes back every SET of the transaction; which ones is not worth knowing."""
        self._applied = None

    def commit(self) -> None:
        """A transaction that failed, or fails by its commit, is rolled back."""
        failed = self.pgconn.transaction_status == TransactionStatus.INERROR
        applied, self._applied = self._applied, None
        super().commit()
        self._applied = None if failed else applied

    def rollback(self) -> None:
        self.forget_settings()
        super().rollback()

    @contextmanager
    def transaction(self, savepoint_name: str | None = None, force_rollback: bool = False) -> Iterator[Transaction]:  # noqa: FBT001, FBT002
        try:
            with super().transaction(savepoint_name, force_rollback) as transaction:
                yield transaction
        finally:
            self.forget_settings()

    def pipeline(self) -> NoReturn:
        raise errors.NotSupportedError("Settings take several statements, which a pipeline cannot carry.")

    def tpc_begin(self, xid: object) -> NoReturn:  # noqa: ARG002
        raise errors.NotSupportedError("Two-phase transactions are rolled back where settings are not seen to.")


class ChainCursor(Cursor[TupleRow]):
    """One execute is one statement, with parameters or without: the extended protocol takes no second one.

    Only migrations and provisioning send several, and say so on the connection.
    """

    @property
    def connection(self) -> ChainConnection:
        return as_chain_connection(super().connection)

    def execute(self, *args: Any, **kwargs: Any) -> Self:
        with self.connection.settings_applied():
            super().execute(*args, **kwargs)
        self._see_to_a_rollback()
        return self

    def executemany(self, *args: Any, **kwargs: Any) -> None:
        with self.connection.settings_applied():
            super().executemany(*args, **kwargs)
        self._see_to_a_rollback()

    def stream(self, *args: Any, **kwargs: Any) -> Iterator[TupleRow]:
        with self.connection.settings_applied():
            yield from super().stream(*args, **kwargs)

    @contextmanager
    def copy(self, *args: Any, **kwargs: Any) -> Iterator[Copy]:
        with self.connection.settings_applied(), super().copy(*args, **kwargs) as copy:
            yield copy

    def _see_to_a_rollback(self) -> None:
        if self.statusmessage == ROLLED_BACK:
            self.connection.forget_settings()

    # The driver offers no other way to ask for the extended protocol: test_driver.py watches over this one.
    def _execute_send(self, query: Any, *, force_extended: bool = False, binary: bool | None = None) -> None:
        extended = force_extended or not self.connection.many_statements
        super()._execute_send(query, force_extended=extended, binary=binary)


class NamedChainCursor(ChainCursor, ServerCursor[TupleRow]):
    """A cursor that the server keeps, for rows that are read in pieces."""


def as_chain_connection(connection: Any) -> ChainConnection:
    if not isinstance(connection, ChainConnection):
        raise TypeError(f"Not a connection of this backend: {connection!r}")
    return connection
