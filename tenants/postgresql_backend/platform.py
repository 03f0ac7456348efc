"""The one way from a chain to the platform's own tables, on which a chain's role has no right."""

from collections.abc import Iterator
from contextlib import contextmanager

from .current import connection


@contextmanager
def as_platform() -> Iterator[None]:
    """For a block, in the same transaction, stand outside every chain; then back where the code was, error or not.

    Keep the block to statements of our own: nothing that a chain's data or users can steer.
    """
    before = connection().tenant
    connection().set_schema_to_public()
    try:
        yield
    finally:
        connection().set_tenant(before)
