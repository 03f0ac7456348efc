from typing import Any

from django.core.management.base import BaseCommand
from django_tenants.utils import tenant_context

from core.accounts.second_factors import reencrypt_secrets
from tenants.models import Chain


class Command(BaseCommand):
    help = "Encrypt the secrets of two-step sign-in with the SECRET_KEY of now, operators' and those of all chains."

    def handle(self, *_args: Any, **_options: Any) -> None:
        count = reencrypt_secrets()
        for chain in Chain.objects.all():
            with tenant_context(chain):
                count += reencrypt_secrets()
        self.stdout.write(f"{count} secrets are encrypted with the key of now.")
