from typing import Any

from django.core.management.base import BaseCommand

from tenants.signup.directory import rebuild


class Command(BaseCommand):
    help = "Make the directory of chains by e-mail anew, after a change of SECRET_KEY or of users past the application."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{rebuild()} users of chains are in the directory.")
