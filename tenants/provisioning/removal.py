"""Drops a chain."""

from django.db import transaction

from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.roles import drop_sql

# Dropping a large chain, or waiting for its last users, takes longer than a request may; but not for ever.
TIMEOUT_SECONDS = 120


def drop_chain(chain: Chain) -> None:
    """Drop schema, roles, domains and the chain's row in one transaction. Irreversible."""
    with transaction.atomic(), connection().statement_timeout(TIMEOUT_SECONDS):
        connection().execute_script(drop_sql(database=connection().settings_dict["NAME"], schema=chain.schema_name))
        chain.delete()
