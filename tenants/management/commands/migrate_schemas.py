from typing import Any

from django.core.management.base import CommandError
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand


class Command(MigrateSchemasCommand):
    """The public schema only: chains are migrated under their owner role, which this command knows nothing of."""

    help = "Migrate the public schema (with --shared). Chains: migrate_chains."

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["shared"]:
            raise CommandError("Use --shared for the public schema, and migrate_chains for the chains.")
        super().handle(*args, **options)
