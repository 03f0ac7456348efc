"""Finds the chain named on the command line."""

from django.core.management.base import CommandError

from tenants.models import Chain


def get_chain(schema: str) -> Chain:
    chain = Chain.objects.filter(schema_name=schema).first()
    if chain is None:
        raise CommandError(f"--chain: there is no chain {schema!r}.", returncode=1)
    return chain
