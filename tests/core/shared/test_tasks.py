"""Tasks run in the chain they were sent from, through a real message and worker."""

import queue

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from django.db import DatabaseError
from django_tenants.utils import tenant_context

from config.celery import app as site_app
from core.clients.models import Client
from core.shared.chain import OutsideChainError, current_chain
from core.shared.tasks import CHAIN_HEADER, ChainTask
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tests.plugins.chains import outside_chains

seen = queue.SimpleQueue()
app = Celery("tests", broker="memory://", set_as_current=False, fixups=[])
app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False)


def standing():
    with connection().cursor() as cursor:
        cursor.execute("SELECT current_user::text, current_setting('statement_timeout')")
        return (current_chain().schema_name, *cursor.fetchone())


@app.task(base=ChainTask, name="tests.record_client", bind=True)
def record_client(self, ref, *, attempts=1):
    if self.request.retries + 1 < attempts:
        raise self.retry(countdown=0, max_retries=attempts)
    Client.objects.create(ref=ref)
    seen.put(standing())


@app.task(base=ChainTask, name="tests.fail")
def fail():
    try:
        with connection().cursor() as cursor:
            cursor.execute("SELECT * FROM public.tenants_chain")
    except DatabaseError as error:
        seen.put(str(error))
        raise


@pytest.fixture(scope="module")
def worker():
    """Works in a thread of its own, whose connection each task closes."""
    task_postrun.connect(close_connection)
    with start_worker(app, perform_ping_check=False, pool="solo", loglevel="INFO"):
        yield
    task_postrun.disconnect(close_connection)
    # The worker made its application the one that all tasks of the process go to.
    site_app.set_current()
    site_app.set_default()


def close_connection(**_message):
    connection().close()


def run_role(chain):
    return f"{connection().settings_dict['NAME']}__{chain.schema_name}__run"


def test_a_task_runs_in_the_chain_it_was_sent_from(make_committed_chain, worker):
    one, two = make_committed_chain(), make_committed_chain()
    for chain, ref in ((one, "1"), (two, "2"), (one, "3")):
        with tenant_context(chain):
            record_client.delay(ref)
    stood = [seen.get(timeout=20) for _ in range(3)]
    assert stood == [(chain.schema_name, run_role(chain), "0") for chain in (one, two, one)]
    with tenant_context(one):
        assert set(Client.objects.values_list("ref", flat=True)) == {"1", "3"}


def test_it_stays_in_its_chain_when_tried_again(make_committed_chain, worker):
    chain = make_committed_chain()
    with tenant_context(chain):
        record_client.delay("1", attempts=3)
    assert seen.get(timeout=20)[0] == chain.schema_name


def test_the_header_names_the_chain_where_it_is_sent_from_outside(make_committed_chain, worker):
    chain = make_committed_chain()
    record_client.apply_async(["1"], headers={CHAIN_HEADER: chain.schema_name})
    assert seen.get(timeout=20)[0] == chain.schema_name


def test_it_has_no_right_on_public(make_committed_chain, worker):
    with tenant_context(make_committed_chain()):
        fail.delay()
    assert "permission denied for schema public" in seen.get(timeout=20)


@pytest.mark.parametrize("send", [lambda: record_client.delay("1"), lambda: record_client("1")])
def test_outside_any_chain_it_is_refused(db, send):
    with pytest.raises(OutsideChainError, match=r"tests\.record_client serves a chain"):
        send()


def test_a_message_without_a_chain_is_refused(db):
    with pytest.raises(OutsideChainError, match="names no chain"):
        record_client.apply(["1"], throw=True)


def test_for_a_chain_that_is_gone_it_ends_quietly(db, caplog):
    caplog.set_level("INFO")
    assert record_client.apply(["1"], headers={CHAIN_HEADER: "gone"}, throw=True).result is None
    assert "there is no chain gone any more" in caplog.text
    assert seen.empty()


def test_called_as_a_function_it_runs_in_the_current_chain(chain):
    record_client("7")
    assert seen.get(timeout=1)[0] == "acme"
    assert Client.objects.get().ref == "7"


def test_it_is_acknowledged_late_and_not_delivered_again_after_it_has_killed_its_process(chain):
    assert (record_client.acks_late, record_client.reject_on_worker_lost) == (True, False)


def test_a_scheduled_task_goes_to_every_chain(chain, other_chain, monkeypatch):
    from tenants.tasks import for_each_chain

    sent = []
    monkeypatch.setattr(record_client, "apply_async", lambda headers, **_options: sent.append(headers[CHAIN_HEADER]))
    monkeypatch.setattr("tenants.tasks.current_app", app)
    with outside_chains():
        assert for_each_chain("tests.record_client") == len(sent) == Chain.objects.count()
    assert {"acme", "other"} <= set(sent)
