"""PostgreSQL with a schema and a runtime role per chain.

Inside a chain the search path is `<schema>, ext, pg_temp` and the role is the chain's runtime role, or its owner within
`as_owner()`. Outside it is `public, ext, pg_temp`, as the login.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.utils.asyncio import async_unsafe
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.postgresql_backend.introspection import DatabaseSchemaIntrospection
from django_tenants.utils import get_public_schema_name

from tenants.roles import Kind, quoted, role_name

from .pooling import refuse_shared_sessions
from .session import ChainConnection, as_chain_connection

DEFAULT_STATEMENT_TIMEOUT = 30


@lru_cache(maxsize=4096)
def session_settings(*, database: str, schema: str, kind: Kind | None, timeout: float) -> bytes:
    """The SQL that puts a session where it belongs, whatever it was before. Without a `kind` the role is the login."""
    inside = schema != get_public_schema_name()
    role = quoted(role_name(database=database, schema=schema, kind=kind)) if inside and kind else "NONE"
    return (
        f"SET search_path = {quoted(schema)}, ext, pg_temp; "
        f"SET ROLE {role}; "
        f"SET statement_timeout = {round(timeout * 1000)}"
    ).encode()


class Introspection(DatabaseSchemaIntrospection):
    """What migrations look up, looked up as the login: a chain's roles may not read the system catalogue."""

    connection: "DatabaseWrapper"

    def get_table_list(self, cursor: Any) -> Any:
        with self.connection.as_login():
            return super().get_table_list(cursor)

    def get_sequences(self, cursor: Any, table_name: str, table_fields: Any = ()) -> Any:
        with self.connection.as_login():
            return super().get_sequences(cursor, table_name, table_fields)

    def get_constraints(self, cursor: Any, table_name: str) -> Any:
        with self.connection.as_login():
            return super().get_constraints(cursor, table_name)


class SchemaEditor(DatabaseSchemaEditor):
    """Django's own statements for migrations sometimes hold two, which only the simple protocol takes."""

    connection: "DatabaseWrapper"

    def execute(self, sql: Any, params: Any = ()) -> None:
        if self.collect_sql:
            super().execute(sql, params)
        else:
            with self.connection.many_statements():
                super().execute(sql, params)

    # Making a new chain is one transaction, in which nothing can be done concurrently, nor need be.

    def add_index(self, model: Any, index: Any, concurrently: bool = False) -> None:  # noqa: FBT001, FBT002
        super().add_index(model, index, concurrently=concurrently and not self.connection.in_atomic_block)

    def remove_index(self, model: Any, index: Any, concurrently: bool = False) -> None:  # noqa: FBT001, FBT002
        super().remove_index(model, index, concurrently=concurrently and not self.connection.in_atomic_block)


class DatabaseWrapper(PostgresWrapper):
    """Django's own, with the attributes and methods by which django-tenants enters a chain."""

    SchemaEditorClass = SchemaEditor
    tenant: Any
    schema_name: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._owned_schema: str | None = None
        self._statement_timeout: float | None = None
        self._is_login = False
        super().__init__(*args, **kwargs)
        self.introspection = Introspection(self)
        self.set_schema_to_public()

    # --- where the session stands

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002
        """Stand in the chain from the next statement on; `public` is never on its path, whatever is asked."""
        self.tenant, self.schema_name = tenant, tenant.schema_name
        # The ids of content types differ from schema to schema.
        ContentType.objects.clear_cache()
        self._renew_settings()

    def set_schema(self, schema_name: str, include_public: bool = True, tenant_type: str | None = None) -> None:  # noqa: FBT001, FBT002
        self.set_tenant(FakeTenant(schema_name, tenant_type), include_public)

    def set_schema_to_public(self) -> None:
        self.set_schema(get_public_schema_name())

    @contextmanager
    def as_owner(self) -> Iterator[None]:
        """Work on the current chain as its owner, who may change tables, without a time limit."""
        if self.schema_name == get_public_schema_name():
            raise ImproperlyConfigured("Only a chain has an owner role; enter the chain first.")
        before, self._owned_schema = self._owned_schema, self.schema_name
        try:
            with self.statement_timeout(0):
                yield
        finally:
            self._owned_schema = before
            self._renew_settings()

    @contextmanager
    def as_login(self) -> Iterator[None]:
        """Stay in the current chain's schema, but as the login, who sees what there is and none of its rows."""
        before, self._is_login = self._is_login, True
        self._renew_settings()
        try:
            yield
        finally:
            self._is_login = before
            self._renew_settings()

    @contextmanager
    def statement_timeout(self, seconds: float | None) -> Iterator[None]:
        """Another time limit for each statement; 0 lifts it, None is the setting's."""
        before, self._statement_timeout = self._statement_timeout, seconds
        self._renew_settings()
        try:
            yield
        finally:
            self._statement_timeout = before
            self._renew_settings()

    @contextmanager
    def many_statements(self) -> Iterator[None]:
        """Let one execute carry several statements, as scripts of our own do; never with a value from outside."""
        self.ensure_connection()
        connection = as_chain_connection(self.connection)
        before, connection.many_statements = connection.many_statements, True
        try:
            yield
        finally:
            connection.many_statements = before

    def execute_script(self, script: str) -> None:
        with self.many_statements(), self.cursor() as cursor:
            cursor.execute(script)
        # It may have moved the session.
        as_chain_connection(self.connection).forget_settings()

    def _renew_settings(self) -> None:
        if self.connection is not None:
            as_chain_connection(self.connection).wanted = self._session_settings()

    def _session_settings(self) -> bytes:
        limit = self._statement_timeout
        if limit is None:
            limit = getattr(settings, "STATEMENT_TIMEOUT", DEFAULT_STATEMENT_TIMEOUT)
        return session_settings(
            database=self.settings_dict["NAME"] or "postgres",
            schema=self.schema_name,
            kind=self._kind(),
            timeout=limit,
        )

    def _kind(self) -> Kind | None:
        if self._is_login:
            return None
        return "owner" if self._owned_schema == self.schema_name else "run"

    # --- connecting

    def get_connection_params(self) -> dict[str, Any]:
        options = self.settings_dict["OPTIONS"]
        if options.get("server_side_binding") is not True or {"pool", "isolation_level", "assume_role"} & set(options):
            raise ImproperlyConfigured(
                "DATABASES OPTIONS: this backend needs server_side_binding, "
                "and takes no pool, isolation_level or assume_role."
            )
        return super().get_connection_params()

    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> ChainConnection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        made = ChainConnection.connect(**conn_params)
        refuse_shared_sessions(made)
        return made

    def init_connection_state(self) -> None:
        # Django sets the time zone here, as the login, which alone may.
        super().init_connection_state()
        self._renew_settings()
