"""Each log line names the chain it is of, through the handler that the settings make."""

import io
import logging
import threading
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django_tenants.utils import tenant_context

from config.celery import app as site_app
from core.shared.logs import ChainFilter
from core.shared.tasks import ChainTask
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tests.plugins.chains import ChainClient, outside_chains

app = Celery("tests.logs", broker="memory://", set_as_current=False, fixups=[])
app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False)
done = threading.Event()


@app.task(base=ChainTask, name="tests.say")
def say() -> None:
    logging.getLogger("tests.inside").info("inside")


@pytest.fixture
def lines() -> Any:
    """What the handler of the settings would write to standard error."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(settings.LOGGING["formatters"]["line"]["format"]))
    handler.addFilter(ChainFilter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: stream.getvalue().splitlines()
    root.removeHandler(handler)
    root.setLevel(before)


def test_inside_and_outside_a_chain(chain: Chain, other_chain: Chain, lines: Any) -> None:
    log = logging.getLogger("tests.any")
    log.info("one")
    with tenant_context(other_chain):
        log.info("two")
    with outside_chains():
        log.info("three")
    assert [line.split(" INFO tests.any ")[1] for line in lines()] == ["[acme] one", "[other] two", "[-] three"]


def test_the_handler_of_the_settings_has_the_filter() -> None:
    handlers = settings.LOGGING["handlers"].values()
    assert all("chain" in handler["filters"] for handler in handlers)
    assert {logger for logger in settings.LOGGING["loggers"].values() if "handlers" in logger} == set()


@pytest.mark.urls("tests.tenants.urls")
def test_a_page_that_fails(anonymous_client: ChainClient, lines: Any) -> None:
    anonymous_client.raise_request_exception = False
    anonymous_client.get("/fails/")
    assert "ERROR django.request [acme] Internal Server Error: /fails/" in "\n".join(lines())


def test_a_task_and_what_celery_says_of_it(make_committed_chain: Any, lines: Any) -> None:
    chain = make_committed_chain()
    # The worker is given a level, and with it a handler of its own, which is not looked at here.
    with start_worker(app, perform_ping_check=False, pool="solo", loglevel="INFO"):
        with tenant_context(chain):
            say.delay()
        wait_for(lambda: any("succeeded" in line for line in lines()))
    site_app.set_current()
    site_app.set_default()
    about = [line for line in lines() if "inside" in line or "tests.say" in line]
    assert len(about) >= 2
    assert [line for line in about if f" [{chain.schema_name}] " not in line and "strategy" not in line] == []
    connection().close()


def wait_for(holds: Any) -> None:
    for _ in range(1000):
        if holds():
            return
        done.wait(0.01)
    raise AssertionError("not in time")
