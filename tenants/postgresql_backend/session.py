"""The driver's side: a connection that stands where it should before it runs anything.

Where a session stands (search path, role, time limit) is one piece of SQL. The connection knows which piece it wants
and which it last applied, and applies the wanted one before the next statement of any kind: a query, COPY, a named
cursor, a savepoint. Whoever holds an older cursor after a switch still runs in the right chain, and a statement whose
settings could not be applied is not sent at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db.backends.postgresql.base import CursorMixin
from psycopg import Connection, Cursor, Pipeline, errors, generators
from psycopg._queries import PostgresQuery
from psycopg.abc import PQGen, QueryNoTemplate
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

# The command tag of ROLLBACK, of ROLLBACK TO SAVEPOINT, and of COMMIT where the transaction had failed.
ROLLED_BACK = b"ROLLBACK"
CANCEL_SECONDS = 5.0
Result = TypeVar("Result")


class ChainConnection(Connection[TupleRow]):
    """Applies its session settings by itself, and again after the server has taken them back."""

    wanted: bytes | None = None
    many_statements = False
    _applied: bytes | None = None
    _piped: bytes | None = None

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

    def forget_settings(self) -> None:
        """A rollback takes back every SET of the transaction; which ones is not worth knowing."""
        self._applied = None

    def _apply_settings(self) -> PQGen[None]:
        """Send what is wanted unless it holds already.

        In a failed transaction the server refuses everything but its end, so nothing can run with the wrong settings.
        """
        if self._pipeline:
            if self.wanted != self._piped:
                raise errors.InterfaceError("The chain cannot change inside a pipeline.")
            return
        if self._applied == self.wanted or self.wanted is None:
            return
        if self.pgconn.transaction_status == TransactionStatus.INERROR:
            return
        self._applied = None
        self.pgconn.send_query(self.wanted)
        for result in (yield from generators.execute(self.pgconn)):
            if result.status != ExecStatus.COMMAND_OK:
                raise errors.error_from_result(result, encoding=self.info.encoding)
        self._applied = self.wanted

    def _start_query(self) -> PQGen[None]:
        yield from self._apply_settings()
        yield from super()._start_query()

    def _exec_command(self, command: QueryNoTemplate, result_format: Format = Format.TEXT) -> PQGen[PGresult | None]:
        result = None
        try:
            result = yield from super()._exec_command(command, result_format)
        finally:
            # Failed, only queued, or an end of transaction that took settings back.
            if result is None or result.command_status == ROLLED_BACK:
                self.forget_settings()
        return result

    @contextmanager
    def pipeline(self) -> Iterator[Pipeline]:
        with self.lock:
            self._enter_pipeline()
        with super().pipeline() as pipeline:
            yield pipeline

    @contextmanager
    def _pipeline_nolock(self) -> Iterator[Pipeline]:
        self._enter_pipeline()
        with super()._pipeline_nolock() as pipeline:
            yield pipeline

    def _enter_pipeline(self) -> None:
        """Settings take several statements, which a pipeline cannot carry: they go ahead of it."""
        self.wait(self._apply_settings())
        self._piped = self.wanted


class ChainCursor(CursorMixin, Cursor[TupleRow]):
    """One execute is one statement, with parameters or without: the extended protocol takes no second one.

    Only migrations and provisioning send several, and say so on the connection.
    """

    _conn: ChainConnection

    def _execute_send(self, query: PostgresQuery, *, force_extended: bool = False, binary: bool | None = None) -> None:
        extended = force_extended or not self._conn.many_statements
        super()._execute_send(query, force_extended=extended, binary=binary)

    def _set_results(self, results: list[PGresult]) -> None:
        super()._set_results(results)
        if any(result.command_status == ROLLED_BACK for result in results):
            self._conn.forget_settings()


def as_chain_connection(connection: Any) -> ChainConnection:
    if not isinstance(connection, ChainConnection):
        raise TypeError(f"Not a connection of this backend: {connection!r}")
    return connection
