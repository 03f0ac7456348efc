"""Reports are read from the replica where there is one; here a second address of the same database stands in for it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.question import Question
from core.shared.replica import REPLICA, report_cursor
from core.stores.services.stores import open_store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.plugins import server
from tests.plugins.chains import make_user

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1))
ODD = Question(start=date(2025, 1, 15), end=date(2026, 1, 1))
STANDING = "SELECT current_setting('application_name'), current_user, current_setting('transaction_read_only')"


@pytest.fixture
def replica(make_committed_chain: Callable[..., Chain]) -> Iterator[None]:
    """It refuses to write, as a replica does, and says who it is."""
    options = {**connection.settings_dict["OPTIONS"], "application_name": "replica"}
    options["options"] = "-c default_transaction_read_only=on"
    connections.settings[REPLICA] = {**connections.settings["default"], "OPTIONS": options}
    try:
        yield
    finally:
        connections[REPLICA].close()
        del connections[REPLICA]
        del connections.settings[REPLICA]


def compare_store() -> tuple[str, str, str]:
    with report_cursor() as cursor:
        cursor.execute(STANDING)
        return cursor.fetchone()


def role(chain: Chain) -> str:
    return f"{server.DATABASE}__{chain.schema_name}__run"


def test_without_one_the_database_itself_is_read(committed_chain: Chain) -> None:
    assert compare_store() == ("", role(committed_chain), "off")


def test_it_is_read_in_the_chain_and_under_its_role(replica: None, make_committed_chain: Callable[..., Chain]) -> None:
    one, two = make_committed_chain(), make_committed_chain()
    for chain in (one, two, one):
        with tenant_context(chain):
            assert compare_store() == ("replica", role(chain), "on")


def test_inside_a_transaction_its_own_writes_are_seen(replica: None, committed_chain: Chain) -> None:
    with transaction.atomic():
        assert compare_store() == ("", role(committed_chain), "off")


def test_where_it_does_not_answer_the_database_does(
    replica: None, committed_chain: Chain, caplog: pytest.LogCaptureFixture
) -> None:
    connections[REPLICA].close()
    del connections[REPLICA]
    connections.settings[REPLICA] |= {"HOST": "127.0.0.1", "PORT": "1"}
    assert compare_store() == ("", role(committed_chain), "off")
    assert "The replica does not serve" in caplog.text


def test_the_answers_are_the_same(replica: None, committed_chain: Chain) -> None:
    user = make_user("hq@replica.test", role=User.Role.HQ)
    store = open_store(code="A", name="A", city="X", city_tier="一线", region="E")
    client = Client.objects.create(ref="1")
    for day in (date(2025, 2, 1), date(2025, 5, 1)):
        record_visit(acting_user=user, store=store, client=client, day=day, lines=[NewLine(amount=Decimal(10))])
    for question in (YEAR, YEAR, ODD):
        with transaction.atomic():
            here = answer(question)
        assert answer(question) == here
        assert here.total.counts["repeat_clients"] == 1


@pytest.mark.parametrize("url", [None, "postgres://revisit:x@replica.example.com:6432/revisit"])
def test_the_setting(url: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "REPORTS_DATABASE_URL"}
    if url:
        environment["REPORTS_DATABASE_URL"] = url
    code = "from config.settings import base as b; import json; print(json.dumps(b.DATABASES.get('reports')))"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    if url is None:
        assert found is None
    else:
        assert (found["HOST"], found["PORT"], found["ENGINE"]) == (
            "replica.example.com",
            6432,
            "tenants.postgresql_backend",
        )
        assert found["OPTIONS"] == {"server_side_binding": True}
