"""What the backend takes for granted of the driver: when a new release breaks this, read on here before renewing it."""

import inspect
from hashlib import sha256

import pytest
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import Connection, Cursor, ServerCursor

# Each by the digest of its source, as it was when our override was written for it.
OVERRIDDEN = [
    (Cursor._execute_send, "2e4b180e6286fe07", "It alone decides whether one execute may carry several statements."),
    (Connection.wait, "602ce5e47fca2ec9", "All that goes to the server waits in it, and Ctrl-C cancels the statement."),
    (
        DatabaseWrapper.get_new_connection,
        "acc4e253c2e311a4",
        "Ours connects by itself, without a pool.",
    ),
]
# Every public method that sends something. Those overridden put the session where it belongs, or are refused.
SENDING = {
    Cursor: {"copy", "execute", "executemany", "stream"},
    # They go on with, or end, what `execute` began.
    ServerCursor: {"close", "execute", "fetchall", "fetchmany", "fetchone", "scroll"},
    # What kind of transaction is to begin is only noted, and a two-phase one begins by `tpc_begin`.
    Connection: {"commit", "rollback", "notifies", "wait"}
    | {"set_autocommit", "set_deferrable", "set_isolation_level", "set_read_only"}
    | {"tpc_begin", "tpc_commit", "tpc_prepare", "tpc_rollback"},
}


@pytest.mark.parametrize(("inner", "digest", "what_for"), OVERRIDDEN)
def test_the_methods_we_override_are_those_we_know(inner, digest, what_for):
    found = sha256(inspect.getsource(inner).encode()).hexdigest()[:16]
    assert found == digest, f"{inner.__qualname__} has changed. {what_for} See whether our override still fits."


@pytest.mark.parametrize("driver", SENDING)
def test_no_way_to_send_a_statement_is_new(driver):
    found = {
        name
        for name, method in vars(driver).items()
        if not name.startswith("_") and inspect.isfunction(method) and ".wait(" in inspect.getsource(method)
    }
    assert found == SENDING[driver], "A public method that sends: does it apply the settings, or need it not?"
