"""Take a chain away with all it holds."""

from django.db import transaction

from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.roles import drop_sql

# A large chain takes longer than a request may, and so does waiting for someone who is still in it; but not for ever.
SECONDS = 120


def drop_chain(chain: Chain) -> None:
    """Drop schema, roles, domains and the chain's row, all or nothing. There is no way back."""
    with transaction.atomic(), connection().statement_timeout(SECONDS):
        connection().execute_script(drop_sql(database=connection().settings_dict["NAME"], schema=chain.schema_name))
        chain.delete()
