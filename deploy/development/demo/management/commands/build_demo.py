from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.shared.chain import without_statement_timeout
from core.shared.commands import as_document, refusals_as_command_errors
from deploy.development.demo.chains import DEMO_CHAINS, DemoChain
from deploy.development.demo.loading import fill
from tenants.console.chain_figures import update_figures, update_schema_versions
from tenants.console.operators import create_operator
from tenants.models import Chain
from tenants.provisioning import create_chain

OPERATOR = {"email": "operator@revisit.example", "password": "demo-operator-2026"}


class Command(BaseCommand):
    help = "Make the two demonstration chains, or what is still missing of them, and tell how to sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")

    def handle(self, *_args: Any, json: bool, **_options: Any) -> None:
        with refusals_as_command_errors():
            chains = [self._build(demo) for demo in DEMO_CHAINS]
        update_schema_versions()
        console = self._console()
        if json:
            self.stdout.write(as_document({"chains": chains, "console": console}))
            return
        for chain in chains:
            self.stdout.write(f"{chain['name']}  {chain['domain']}")
            for login in chain["logins"]:
                self.stdout.write(f"  {login['role']}  {login['email']}  {login['password']}")
        if console:
            self.stdout.write(f"{console['domain']}\n  operator  {console['email']}  {console['password']}")

    def _build(self, demo: DemoChain) -> dict[str, Any]:
        chain = Chain.objects.filter(schema_name=demo.plan.schema).first() or self._create(demo)
        with tenant_context(chain), without_statement_timeout():
            fill(demo, self.stderr.write)
            update_figures()
        return {
            "schema": chain.schema_name,
            "name": chain.name,
            "domain": chain.get_primary_domain().domain,
            "logins": [login.as_json() for login in demo.logins],
        }

    def _console(self) -> dict[str, str] | None:
        """The demo's operator; its password is in the open, like those of the demo's chains."""
        if not settings.CONSOLE_HOSTS:
            return None
        if not User.objects.filter(email=OPERATOR["email"]).exists():
            create_operator(**OPERATOR, name="Robin Hale")
        return {"domain": settings.CONSOLE_HOSTS[0], **OPERATOR}

    def _create(self, demo: DemoChain) -> Chain:
        create_chain(
            schema=demo.plan.schema,
            name=demo.name,
            country=demo.country,
            currency=demo.currency,
            time_zone=demo.time_zone,
            language=demo.language,
        )
        return Chain.objects.get(schema_name=demo.plan.schema)
