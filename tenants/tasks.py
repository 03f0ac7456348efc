"""Tasks of the platform itself."""

from celery import current_app, shared_task

from core.shared.tasks import CHAIN_HEADER
from tenants.models import Chain

# Seconds after which a message that nobody has taken is dropped.
UNTAKEN = 300


@shared_task(acks_late=True)
def for_each_chain(task_name: str) -> int:
    """Send a chain's task to every chain: the scheduler knows of none.

    While no worker takes them they do not pile up; the schedule sends others.
    """
    task = current_app.tasks[task_name]
    schemas = list(Chain.objects.values_list("schema_name", flat=True))
    for schema in schemas:
        task.apply_async(headers={CHAIN_HEADER: schema}, expires=UNTAKEN)
    return len(schemas)
