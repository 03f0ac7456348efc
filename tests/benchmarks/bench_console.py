"""The console's list of chains and its look at where their schemas stand, with 2,000 chains beside 10.

Both read `public` and the chains' tables of migrations, so all but one chain are made with nothing else.
"""

from collections.abc import Callable, Iterator

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.chain import outside_chain
from tenants.console.chain_figures import update_figures, update_schema_versions
from tenants.console.models import ChainFigures, OpenWork
from tenants.models import Chain, Domain
from tenants.provisioning import create_chain
from tests.benchmarks.rows import Row, best_ms, row

FEW, MANY = 10, 2_000
WHOLE = "bench_whole"
PAGES = {
    "The list of chains": "",
    "sorted by last activity": "?o=-9",
    "searched": "?q=chain1",
    "filtered by failed jobs": "?state=failed",
}


@override_settings(CONSOLE_HOSTS=["console.localhost"], CONSOLE_NEEDS_SECOND_FACTOR=False, ALLOWED_HOSTS=["*"])
def run() -> Iterator[Row]:
    create_chain(schema=WHOLE, name="Whole")
    client = _signed_in()
    _fill_up(FEW)
    few = {name: best_ms(action) for name, action in _actions(client)}
    _fill_up(MANY)
    for name, action in _actions(client):
        yield row(f"{name}, {MANY:,} chains", best_ms(action), "ms", than=f"{FEW} chains", alternative=few[name])
    with tenant_context(Chain.objects.get(schema_name=WHOLE)):
        figures = best_ms(update_figures)
    yield row("A chain's own figures, empty", figures, "ms", than="a share of five minutes", alternative=300_000 / MANY)


def _actions(client: Client) -> list[tuple[str, Callable[[], object]]]:
    pages = [(name, lambda query=query: _load(client, query)) for name, query in PAGES.items()]
    return [*pages, ("Where all schemas stand", update_schema_versions)]


def _load(client: Client, query: str) -> None:
    response = client.get(f"/tenants/chain/{query}", headers={"host": "console.localhost"})
    if response.status_code != 200:
        raise RuntimeError(f"The list answers {response.status_code}.")


def _signed_in() -> Client:
    operator = User.objects.create(
        email="ops@platform.test", role=Role.OPERATOR, password=make_password(None), email_confirmed_at=timezone.now()
    )
    client = Client()
    client.force_login(operator)
    return client


def _fill_up(chains: int) -> None:
    """Every tenth chain has a job that failed."""
    numbers = range(Chain.objects.count(), chains)
    made = Chain.objects.bulk_create(Chain(schema_name=f"chain{number}", name=f"Chain {number}") for number in numbers)
    Domain.objects.bulk_create(
        Domain(domain=f"{one.schema_name}.localhost", tenant=one, is_primary=True) for one in made
    )
    now = timezone.now()
    ChainFigures.objects.bulk_create(
        ChainFigures(chain=one, taken_at=now, size=one.pk * 1000, users=3, clients=9, visits=9, last_active_at=now)
        for one in made
    )
    failed = made[::10]
    OpenWork.objects.bulk_create(
        OpenWork(kind="mail", chain=one, reference="1", status="failed", since=now) for one in failed
    )
    with outside_chain(), connection.cursor() as cursor:
        for one in made:
            cursor.execute(f"CREATE SCHEMA {one.schema_name}")
            cursor.execute(f"CREATE TABLE {one.schema_name}.django_migrations AS TABLE {WHOLE}.django_migrations")
