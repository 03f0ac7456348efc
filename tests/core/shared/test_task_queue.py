"""Tasks are sent to a real queue that answers, is dead, or hangs."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context

from core.mail.tasks import deliver_mail, deliver_platform_mail
from core.shared import task_queue
from core.shared.errors import AppError
from core.shared.tasks import CHAIN_HEADER, OPERATOR_HEADER
from tenants.models import Chain
from tests.plugins.chains import outside_chains
from tests.plugins.outages import OUTAGES, Servers, closed_port, hanging_port


def test_a_queue_that_answers_takes_the_message_of_the_chain_it_was_sent_in(servers: Servers, chain: Chain) -> None:
    assert task_queue.send(deliver_mail)
    (message,) = servers.taken()
    assert message.headers["task"] == deliver_mail.name
    assert (message.headers[CHAIN_HEADER], message.headers[OPERATOR_HEADER]) == (chain.schema_name, "")


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_queue_that_is_dead_or_hangs_takes_nothing_and_is_asked_once(
    servers: Servers, outage: str, caplog: pytest.LogCaptureFixture
) -> None:
    servers.fail("queue", outage)
    with caplog.at_level(logging.WARNING):
        assert not any(task_queue.send(deliver_platform_mail) for _ in range(50))
    assert len([line for line in caplog.messages if "does not answer" in line]) == 1
    servers.come_back(outage)
    assert task_queue.send(deliver_platform_mail)


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_transaction_commits_though_the_queue_fails_and_the_form_is_told_the_truth(
    servers: Servers, outage: str, committed_chain: Chain, caplog: pytest.LogCaptureFixture
) -> None:
    servers.fail("queue", outage)
    with transaction.atomic():
        task_queue.send_after_commit(deliver_mail)
    with outside_chains(), pytest.raises(AppError) as refused:
        task_queue.send_or_refuse(deliver_platform_mail)
    assert refused.value.code == "no_worker"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    servers.come_back(outage)


@pytest.mark.parametrize("place", [closed_port, hanging_port])
def test_rabbitmq_that_is_dead_or_hangs_takes_nothing_and_is_asked_once(
    servers: Servers, place: Callable[[], AbstractContextManager[str]], caplog: pytest.LogCaptureFixture
) -> None:
    with place() as address, caplog.at_level(logging.WARNING):
        servers.queue_at(f"amqp://guest:guest@{address}//")
        assert not any(task_queue.send(deliver_platform_mail) for _ in range(50))
    assert len([line for line in caplog.messages if "does not answer" in line]) == 1


def test_a_message_names_the_chain_that_was_left_before_the_commit(servers: Servers, committed_chain: Chain) -> None:
    with outside_chains(), transaction.atomic():
        with tenant_context(committed_chain):
            task_queue.send_after_commit(deliver_mail)
        assert servers.sent() == 0
    (message,) = servers.taken()
    assert message.headers[CHAIN_HEADER] == committed_chain.schema_name
