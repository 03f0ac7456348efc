"""Tasks of the platform itself."""

from celery import current_app, shared_task

from core.shared.tasks import CHAIN_HEADER
from tenants.models import Chain

# Seconds after which a message that no worker has taken is dropped.
EXPIRES_SECONDS = 300


@shared_task(acks_late=True)
def for_each_chain(task_name: str) -> int:
    """Send a task to every chain, since the scheduler does not know chains; return how many.

    Messages expire so that they do not pile up while no worker runs.
    """
    task = current_app.tasks[task_name]
    schemas = list(Chain.objects.values_list("schema_name", flat=True))
    for schema in schemas:
        task.apply_async(headers={CHAIN_HEADER: schema}, expires=EXPIRES_SECONDS)
    return len(schemas)
