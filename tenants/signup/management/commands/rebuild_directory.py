from typing import Any

from django.core.management.base import BaseCommand

from tenants.signup.email_directory import rebuild_all


class Command(BaseCommand):
    help = "Make the directory of chains by e-mail anew, after a change of SECRET_KEY or of users past the application."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{rebuild_all()} users of chains are in the directory.")
