from celery import shared_task

from core.jobs.base import LongTask
from tenants.life import addresses, erasure, exports


@shared_task(base=LongTask)
def run_chain_upkeep() -> None:
    """Hourly: what is due. Old exports and addresses go, chains are erased."""
    exports.delete_old_exports()
    exports.delete_leftovers()
    addresses.delete_expired_redirects()
    erasure.erase_due_chains()
