"""Finding the chain that a command is about."""

from django.core.management.base import CommandError

from tenants.models import Chain


def chain_named(schema: str) -> Chain:
    found = Chain.objects.filter(schema_name=schema).first()
    if found is None:
        raise CommandError(f"--chain: there is no chain {schema!r}.", returncode=1)
    return found
