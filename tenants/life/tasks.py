from celery import shared_task


@shared_task(acks_late=True, reject_on_worker_lost=True)
def make_export(export_id: str) -> None:
    """Makes an archive that an owner asked for."""
    from tenants.life import exports

    exports.make_export(export_id)


@shared_task(acks_late=True)
def look_after_chains() -> None:
    """Hourly: what is due. Old exports and addresses go, lost work is sent again, chains are erased."""
    from tenants.life import addresses, erasure, exports

    exports.delete_old_exports()
    exports.delete_leftovers()
    exports.send_waiting()
    addresses.forget_old_addresses()
    erasure.erase_due()
