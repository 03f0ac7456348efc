"""What files that name clients bring into the register."""

from collections.abc import Callable

from core.clients.services.loading import complete_clients
from core.imports.services.context import ImportContext
from core.membership import trail


def make_and_complete(context: ImportContext, *, known: str, make: Callable[[], int], details: str) -> None:
    """Makes those who are missing, where that is wished, and tells the register what it does not know yet of all.

    `details` is a query as `complete_clients` takes it, or empty. The trail has what changes of the clients who are
    known before, whose ids the query `known` gives.
    """
    is_traced = context.audited and details
    if is_traced:
        trail.remember(f"SELECT * FROM clients_client WHERE id IN ({known})")  # noqa: S608
    if context.options.create_missing:
        context.new_clients = make()
    if details:
        complete_clients(context.cursor, details)
    if is_traced:
        trail.record_changes(acting_user=context.acting_user)
