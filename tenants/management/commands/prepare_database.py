import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants.preparation import prepare_database


class Command(BaseCommand):
    help = (
        "Make the login and the database of DATABASE_URL, with ADMIN_DATABASE_URL as superuser. "
        "Run again, it changes nothing."
    )
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        admin = os.environ.get("ADMIN_DATABASE_URL")
        if not admin:
            raise CommandError(
                "Set ADMIN_DATABASE_URL to a superuser's address, such as postgresql://postgres@db/postgres."
            )
        target = settings.DATABASES["default"]
        prepare_database(admin, login=target["USER"], password=target["PASSWORD"] or None, database=target["NAME"])
        self.stderr.write(f"Database {target['NAME']} is ready for {target['USER']}.")
