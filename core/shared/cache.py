"""Cache keys carry the schema, so that no chain ever reads what another has kept."""

from django.db import connection


def chain_key(key: str, key_prefix: str, version: int) -> str:
    schema = getattr(connection, "schema_name", None) or "public"
    return f"{key_prefix}:{schema}:{version}:{key}"
