from celery import shared_task

from core.jobs.base import ChainJob, LongTask, Waiting, register_chain_job


@shared_task(base=ChainJob)
def make_export(export_id: str) -> bool:
    """Makes an archive that an owner asked for."""
    from tenants.life import exports

    return exports.make_export(export_id)


def _first_waiting_export() -> Waiting | None:
    from tenants.life import exports

    return exports.first_waiting()


register_chain_job("tenants.life.tasks.make_export", _first_waiting_export)


@shared_task(base=LongTask)
def look_after_chains() -> None:
    """Hourly: what is due. Old exports and addresses go, chains are erased."""
    from tenants.life import addresses, erasure, exports

    exports.delete_old_exports()
    exports.delete_leftovers()
    addresses.forget_old_addresses()
    erasure.erase_due()
