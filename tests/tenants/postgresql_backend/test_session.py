"""Where a session stands, and that it always stands there again after whatever moved it."""

import threading
from contextlib import ExitStack, contextmanager, suppress

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError, ProgrammingError, transaction
from django_tenants.utils import schema_context, tenant_context

from core.clients.models import Client
from core.stores.models import City
from tenants.postgresql_backend.base import DatabaseWrapper
from tenants.postgresql_backend.current import connection
from tenants.postgresql_backend.session import ChainConnection

DATABASE = connection().settings_dict["NAME"]
STANDING = "SELECT current_user, current_setting('search_path'), current_setting('statement_timeout')"


def standing():
    with connection().cursor() as cursor:
        cursor.execute(STANDING)
        return cursor.fetchone()


def inside(schema, *, kind="run", timeout="30s"):
    return (f"{DATABASE}__{schema}__{kind}", f"{schema}, ext, pg_temp", timeout)


OUTSIDE = ("revisit", "public, ext, pg_temp", "30s")


class UndoError(Exception):
    pass


@contextmanager
def undone():
    """A block whose savepoint or transaction an exception rolls back."""
    with suppress(UndoError), transaction.atomic():
        yield
        raise UndoError


def test_inside_a_chain_it_is_the_runtime_role_with_the_chains_path_alone(chain):
    assert standing() == inside("acme")


def test_outside_it_is_the_login_in_public(db):
    assert standing() == OUTSIDE


def test_settings_go_once_for_each_switch_not_for_each_statement(chain, other_chain, settings_sent):
    standing()
    settings_sent.clear()
    for _ in range(5):
        list(Client.objects.all())
        standing()
    assert not settings_sent
    with tenant_context(other_chain):
        standing()
        standing()
    standing()
    assert len(settings_sent) == 2


def test_a_switch_that_runs_nothing_sends_nothing(chain, other_chain, settings_sent):
    standing()
    settings_sent.clear()
    with tenant_context(other_chain):
        pass
    standing()
    assert not settings_sent


def test_a_cursor_opened_before_the_switch_runs_in_the_new_chain(chain, other_chain):
    with connection().cursor() as cursor, tenant_context(other_chain):
        cursor.execute(STANDING)
        assert cursor.fetchone() == inside("other")


def test_rolled_back_savepoint(chain, other_chain):
    with undone(), tenant_context(other_chain):
        assert standing() == inside("other")
    assert standing() == inside("acme")


def test_switch_inside_a_savepoint_that_is_rolled_back_still_holds(chain, other_chain):
    with undone():
        connection().set_tenant(other_chain)
        assert standing() == inside("other")
    assert standing() == inside("other")
    connection().set_tenant(chain)
    assert standing() == inside("acme")


def test_failed_statement_in_a_savepoint(chain):
    with pytest.raises(DatabaseError), transaction.atomic(), connection().cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert standing() == inside("acme")


def test_switch_while_the_transaction_has_failed(chain, other_chain):
    with undone():
        with pytest.raises(DatabaseError, match="division"), connection().cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        connection().set_tenant(other_chain)
        with pytest.raises(DatabaseError, match="aborted"):
            standing()
    assert standing() == inside("other")
    connection().set_tenant(chain)


def test_rolled_back_transaction(committed_chain):
    schema = committed_chain.schema_name
    with transaction.atomic():
        with connection().as_owner():
            standing()
        transaction.set_rollback(True)
    assert standing() == inside(schema)


def test_switch_inside_a_rolled_back_transaction(make_committed_chain):
    one, two = make_committed_chain(), make_committed_chain()
    with tenant_context(one):
        with undone():
            connection().set_tenant(two)
            standing()
        assert standing() == inside(two.schema_name)
    assert standing() == OUTSIDE


def test_commit_of_a_failed_transaction_is_a_rollback(make_committed_chain):
    """An error swallowed inside the block: COMMIT answers ROLLBACK and takes the role back with it."""
    one, two = make_committed_chain(), make_committed_chain()
    with tenant_context(one):
        with transaction.atomic():
            standing()
            connection().set_tenant(two)
            with pytest.raises(DatabaseError), connection().cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        assert standing() == inside(two.schema_name)


def test_commit_that_fails_by_itself(committed_chain):
    """A deferred constraint speaks up at COMMIT only, which takes back a switch made inside the transaction."""
    with connection().as_owner(), connection().cursor() as cursor:
        cursor.execute("CREATE TABLE late (x int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    schema = committed_chain.schema_name
    assert standing() == inside(schema)

    def fail_late(until_the_end):
        with transaction.atomic(), connection().cursor() as cursor:
            cursor.execute("SELECT 1")
            until_the_end.enter_context(connection().as_owner())
            cursor.execute("INSERT INTO late VALUES (1), (1)")

    with ExitStack() as until_the_end:
        with pytest.raises(DatabaseError, match="duplicate key"):
            fail_late(until_the_end)
        assert standing() == inside(schema, kind="owner", timeout="0")
    assert standing() == inside(schema)


def test_switch_that_is_interrupted(chain, other_chain, monkeypatch):
    """Ctrl-C while the answer is on its way: nobody knows what the server did, so nothing is taken for granted."""

    wait = ChainConnection.wait

    def interrupted(*arguments):
        wait(*arguments)
        raise KeyboardInterrupt

    assert standing() == inside("acme")
    with monkeypatch.context() as patch, tenant_context(other_chain):
        patch.setattr(ChainConnection, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            standing()
    assert standing() == inside("acme")


@pytest.mark.parametrize("statement", ["ROLLBACK", "ROLLBACK TO SAVEPOINT here"])
def test_rollback_sent_by_hand(committed_chain, statement):
    with transaction.atomic(), connection().cursor() as cursor:
        standing()
        cursor.execute("SAVEPOINT here")
        with connection().as_owner():
            standing()
        cursor.execute(statement)
        assert standing() == inside(committed_chain.schema_name)
        transaction.set_rollback(True)


def test_closed_and_reopened_connection(committed_chain):
    before = standing()
    connection().close()
    assert standing() == before == inside(committed_chain.schema_name)


def test_connection_killed_by_the_server(committed_chain):
    standing()
    with schema_context("public"), pytest.raises(OperationalError), connection().cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection().close()
    assert standing() == inside(committed_chain.schema_name)


def test_another_thread_starts_outside_every_chain(committed_chain):
    seen = []

    def look():
        seen.append(standing())
        connection().close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [OUTSIDE]
    assert standing() == inside(committed_chain.schema_name)


def test_a_chain_without_roles_is_never_worked_on_as_someone_else(committed_chain):
    with schema_context("nobody"):
        for _ in range(2):
            with pytest.raises(DatabaseError, match="does not exist"):
                standing()
    assert standing() == inside(committed_chain.schema_name)


def test_a_chain_without_roles_inside_a_transaction(chain):
    with undone(), schema_context("nobody"):
        with pytest.raises(DatabaseError, match="does not exist"):
            standing()
        with pytest.raises(DatabaseError, match="aborted"):
            standing()
    assert standing() == inside("acme")


def test_owner(chain):
    with connection().as_owner():
        assert standing() == inside("acme", kind="owner", timeout="0")
    assert standing() == inside("acme")


def test_the_owner_of_one_chain_is_not_the_owner_of_the_next(chain, other_chain):
    with connection().as_owner():
        with tenant_context(other_chain):
            assert standing()[0] == inside("other")[0]
        assert standing()[0] == inside("acme", kind="owner")[0]


def test_a_script_that_moves_the_session_does_not_leave_it_there(chain):
    connection().execute_script("SELECT 1; SET ROLE NONE; SET search_path = public")
    assert standing() == inside("acme")


def test_outside_a_chain_there_is_no_owner(db):
    with pytest.raises(ImproperlyConfigured, match="enter the chain first"), connection().as_owner():
        pass


def test_statements_have_a_time_limit(chain):
    with (
        connection().statement_timeout(0.05),
        pytest.raises(DatabaseError, match="statement timeout"),
        transaction.atomic(),
        connection().cursor() as cursor,
    ):
        cursor.execute("SELECT pg_sleep(2)")
    assert standing() == inside("acme")


def test_one_execute_is_one_statement(chain):
    for arguments in (["SELECT 1; SELECT 2"], ["SELECT %s::int; SELECT 2", [1]]):
        with undone(), connection().cursor() as cursor, pytest.raises(ProgrammingError, match="multiple commands"):
            cursor.execute(*arguments)


def test_copy_executemany_and_named_cursors_run_in_the_chain(chain, other_chain):
    row = "INSERT INTO stores_city (name, tier, region) VALUES (%s, '', '')"
    with connection().cursor() as cursor:
        cursor.executemany(row, [["一"], ["二"]])
        with cursor.copy("COPY stores_city (name, tier, region) FROM STDIN") as copy:
            copy.write_row(["三", "", ""])
    assert {city.name for city in City.objects.iterator(chunk_size=1)} == {"一", "二", "三"}
    with connection().cursor() as cursor, tenant_context(other_chain):
        cursor.executemany(row, [["四"]])
        with cursor.copy("COPY stores_city (name) TO STDOUT") as copy:
            assert b"".join(map(bytes, copy)).decode().split() == ["四"]
        assert City.objects.iterator().__next__().name == "四"


def test_a_stream_runs_in_the_chain(chain, other_chain):
    with connection().cursor() as cursor, tenant_context(other_chain):
        assert list(cursor.stream(STANDING)) == [inside("other")]
    assert standing() == inside("acme")


@pytest.mark.parametrize("force_rollback", [True, False])
def test_the_drivers_own_transaction(chain, other_chain, force_rollback):
    driver = connection().connection
    with suppress(UndoError), driver.transaction(force_rollback=force_rollback):
        connection().set_tenant(other_chain)
        assert standing() == inside("other")
        if not force_rollback:
            raise UndoError
    assert standing() == inside("other")
    connection().set_tenant(chain)
    assert standing() == inside("acme")


def test_what_would_pass_by_the_settings_is_refused(db):
    driver = connection().connection
    for way in (driver.pipeline, lambda: driver.tpc_begin("later")):
        with pytest.raises(psycopg.NotSupportedError):
            way()


@pytest.mark.parametrize("options", [{}, {"server_side_binding": True, "pool": True}])
def test_settings_it_cannot_work_with_are_refused(options):
    wrapper = DatabaseWrapper({**connection().settings_dict, "OPTIONS": options})
    with pytest.raises(ImproperlyConfigured, match="server_side_binding"):
        wrapper.get_connection_params()
