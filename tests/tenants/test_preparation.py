import psycopg
import pytest
from django.core.management import CommandError, call_command
from psycopg import sql

from tenants.preparation import prepare_database
from tests.plugins import server
from tests.plugins.at_once import at_once

LOGIN, DATABASE = f"{server.DATABASE}__login", f"{server.DATABASE}_prepared"


@pytest.fixture
def admin():
    with psycopg.connect(server.ADMIN_DSN, autocommit=True) as connection:
        try:
            yield connection
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(DATABASE)))
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(LOGIN)))


def test_it_makes_login_and_database_and_can_be_run_again(admin):
    for _ in range(2):
        prepare_database(server.ADMIN_DSN, login=LOGIN, password="it's secret", database=DATABASE)
    roles = "SELECT rolcanlogin, rolsuper, rolinherit, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s"
    assert admin.execute(roles, [LOGIN]).fetchone() == (True, False, False, True, False)
    with psycopg.connect(server.ADMIN_DSN, dbname=DATABASE, user=LOGIN, password="it's secret") as inside:
        rights = (
            "SELECT has_schema_privilege('public', 'CREATE'), has_database_privilege(current_database(), 'CREATE'),"
            " has_function_privilege('set_config(text,text,boolean)', 'EXECUTE'),"
            " has_function_privilege('lo_create(oid)', 'EXECUTE')"
        )
        assert inside.execute(rights).fetchone() == (True, True, True, False)
        extensions = (
            "SELECT extname, nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace ORDER BY 1"
        )
        assert ("pg_trgm", "ext") in inside.execute(extensions).fetchall()


def test_at_the_same_moment(admin):
    """As where several machines of one release start."""

    def prepare():
        prepare_database(server.ADMIN_DSN, login=LOGIN, password="it's secret", database=DATABASE)

    for _ in range(5):
        at_once(*[prepare] * 6)


def test_everyone_else_has_no_right_on_public_and_may_not_move_the_session(admin):
    prepare_database(server.ADMIN_DSN, login=LOGIN, password=None, database=DATABASE)
    with psycopg.connect(server.ADMIN_DSN, dbname=DATABASE) as inside:
        # `public` names the schema, and as a grantee everyone.
        query = (
            "SELECT has_schema_privilege('public', 'public', 'USAGE'), has_schema_privilege('public', 'ext', 'USAGE'),"
            " has_function_privilege('public', 'set_config(text,text,boolean)', 'EXECUTE'),"
            " has_database_privilege('public', current_database(), 'TEMPORARY')"
        )
        assert inside.execute(query).fetchone() == (False, True, False, True)


def test_command(admin, monkeypatch, settings, capsys):
    target = {**settings.DATABASES["default"], "USER": LOGIN, "PASSWORD": "secret", "NAME": DATABASE}
    monkeypatch.setitem(settings.DATABASES, "default", target)
    monkeypatch.setenv("ADMIN_DATABASE_URL", server.ADMIN_DSN)
    call_command("prepare_database")
    assert capsys.readouterr().err == f"Database {DATABASE} is ready for {LOGIN}.\n"
    assert admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()


def test_command_without_a_superuser(monkeypatch):
    monkeypatch.delenv("ADMIN_DATABASE_URL", raising=False)
    with pytest.raises(CommandError, match="Set ADMIN_DATABASE_URL"):
        call_command("prepare_database")
