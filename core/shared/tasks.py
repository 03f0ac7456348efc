"""The base of tasks that serve one chain."""

import logging
from collections.abc import Mapping
from typing import Any

from celery import Task
from django_tenants.utils import get_tenant_model, tenant_context

from core.shared.chain import (
    OutsideChainError,
    current_schema,
    is_inside_chain,
    outside_chain,
    without_statement_timeout,
)
from core.shared.origin import as_operator, current_origin

# Not "chain", which Celery uses itself.
CHAIN_HEADER = "chain_schema"
# Whoever of the platform sent it from inside a chain: what it records was done by the operator.
OPERATOR_HEADER = "operator"
logger = logging.getLogger(__name__)


class ChainTask(Task):  # type: ignore[type-arg]
    """Carries the chain's schema in the message's header and runs inside that chain, under its runtime role.

    It is acknowledged late, so it must be safe to run twice. If its process is killed it is not redelivered, as that
    could kill the next worker too: the work stands in rows, for which the schedule sends a new task.
    Use: `@shared_task(base=ChainTask)`, for long work a kind of `core.jobs.kinds`.
    """

    abstract = True
    acks_late = True
    reject_on_worker_lost = False

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:  # type: ignore[override]
        """Sent from inside a chain, it goes to that chain; from elsewhere the header must name one."""
        headers = self.chain_headers(options.pop("headers", None) or {})
        return super().apply_async(args, kwargs, headers=headers, **options)

    def chain_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers, with the chain and the operator of now where they name none."""
        operator = {OPERATOR_HEADER: current_origin().operator, **headers}
        return operator if headers.get(CHAIN_HEADER) else {**operator, CHAIN_HEADER: self._require_chain()}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            self._require_chain()
            return super().__call__(*args, **kwargs)
        headers = self.request.headers or {}
        schema = headers.get(CHAIN_HEADER)
        if not schema:
            raise OutsideChainError(f"The message of {self.name} names no chain.")
        # Chains are listed outside any chain; sent in place, the task begins inside one.
        with outside_chain():
            chain = get_tenant_model().objects.filter(schema_name=schema).first()
        if chain is None:
            # Erased since the task was sent.
            logger.info("%s: there is no chain %s any more.", self.name, schema)
            return None
        operator = as_operator(headers.get(OPERATOR_HEADER) or "")
        with tenant_context(chain), without_statement_timeout(), operator:
            return self.run_inside(*args, **kwargs)

    def _require_chain(self) -> str:
        """The schema of the chain this thread is in."""
        if not is_inside_chain():
            raise OutsideChainError(f"{self.name} serves a chain: enter one first, or name it in the header.")
        return current_schema()

    def run_inside(self, *args: Any, **kwargs: Any) -> Any:
        """The task itself, inside its chain."""
        return super().__call__(*args, **kwargs)
