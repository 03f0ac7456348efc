from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from core.accounts.models import User
from core.accounts.second_factors import remove_authenticators
from core.shared.commands import ChainCommand


class Command(ChainCommand):
    help = "For a lone owner who has lost the authenticator app and the recovery codes: the password is enough again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--email", required=True, help="whose; make sure first that it is this person who asks")

    def handle_chain(self, **options: Any) -> dict[str, Any]:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"--email: nobody in the chain has the address {options['email']}.", returncode=1)
        if not remove_authenticators(user, by=None):
            raise CommandError(f"{user.email} signs in with a password alone.", returncode=1)
        return {"taken_off": user.email}
