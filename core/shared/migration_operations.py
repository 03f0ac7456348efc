"""Operations for the migrations of chains.

A new chain is made in one transaction, where PostgreSQL takes no CONCURRENTLY and empty tables need none: there the
same operation builds its index plainly (see SchemaEditor in tenants.postgresql_backend).
"""

from django.contrib.postgres import operations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Builds an index while others write. The migration needs `atomic = False`."""

    def _ensure_not_in_transaction(self, schema_editor: BaseDatabaseSchemaEditor) -> None: ...


class RemoveIndexConcurrently(operations.RemoveIndexConcurrently):
    """Drops an index without waiting for readers. The migration needs `atomic = False`."""

    def _ensure_not_in_transaction(self, schema_editor: BaseDatabaseSchemaEditor) -> None: ...
