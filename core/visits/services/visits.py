"""Record, correct, move, void and return."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.audit.trail import record
from core.clients.models import Client
from core.shared import figures
from core.shared.chain import current_chain, require_writable
from core.shared.errors import AppError
from core.stores.access import require_store
from core.stores.models import Store
from core.visits.declaration import Action
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine, add_lines, line_summary
from core.visits.services.references import hold
from core.visits.signals import visit_recorded, visits_changed

# A date before it is a slip of the pen.
EARLIEST_DAY = date(1950, 1, 1)


def record_visit(
    *,
    acting_user: User,
    store: Store,
    client: Client | None,
    day: date,
    start_time: time = time(0),
    ref: str = "",
    lines: Sequence[NewLine],
) -> Visit:
    """Records a visit with its lines; `client` is None for an anonymous one, `day` may lie back.

    Raises AppError: not the user's store, closed on that day, a day to come, no line, a line that cannot be.
    """
    require_writable()
    require_store(acting_user, store.pk)
    _check_day(store, day)
    if not lines:
        raise AppError("no_lines", _("A visit has at least one line."), field="lines")
    with transaction.atomic():
        hold(store, client, lines=lines)
        _refuse_closed(store, day)
        visit = Visit.objects.create(store=store, client=client, day=day, start_time=start_time, ref=ref)
        made = add_lines(visit, lines)
        visit_recorded.send(Visit, visit=visit, lines=len(lines))
        after = {**_trail_fields(visit), "lines": [line_summary(line) for line in made]}
        record(action=Action.VISIT_RECORDED, acting_user=acting_user, subject=visit, after=after)
    return visit


def move_visit(
    *,
    acting_user: User,
    visit_id: int,
    client: Client | None,
    store: Store,
    day: date,
    start_time: time,
) -> Visit:
    """Says anew whose visit it was, where and when.

    Raises AppError: unknown or voided visit, not the user's store (from or to), to a store closed on that day, a day
    to come.
    """
    require_writable()
    _check_day(store, day)
    require_store(acting_user, store.pk)
    with transaction.atomic():
        visit = _locked(acting_user, visit_id)
        hold(store, client)
        if (store.pk, day) != (visit.store_id, visit.day):
            _refuse_closed(store, day)
        before, fields_before = (visit.client_id, visit.store_id, visit.day), _trail_fields(visit)
        visit.client, visit.store, visit.day, visit.start_time = client, store, day, start_time
        visit.save(update_fields=["client", "store", "day", "start_time"])
        _announce(before, (visit.client_id, visit.store_id, visit.day))
        record(
            action=Action.VISIT_MOVED,
            acting_user=acting_user,
            subject=visit,
            before=fields_before,
            after=_trail_fields(visit),
        )
    return visit


def void_visit(*, acting_user: User, visit_id: int) -> Visit:
    """Takes the visit out of every count; it stays on record. Raises AppError: unknown or voided, not the user's."""
    require_writable()
    with transaction.atomic():
        visit = _locked(acting_user, visit_id)
        visit.voided_at = timezone.now()
        visit.save(update_fields=["voided_at"])
        _announce((visit.client_id, visit.store_id, visit.day))
        record(
            action=Action.VISIT_VOIDED,
            acting_user=acting_user,
            subject=visit,
            before={"voided": False},
            after={"voided": True},
        )
    return visit


def replace_lines(*, acting_user: User, visit_id: int, lines: Sequence[NewLine]) -> Visit:
    """Says anew what was sold. Raises AppError as `record_visit` does."""
    require_writable()
    if not lines:
        raise AppError("no_lines", _("A visit has at least one line."), field="lines")
    with transaction.atomic():
        visit = _locked(acting_user, visit_id)
        replaced = [line_summary(line) for line in visit.lines.select_related("service", "category").order_by("pk")]
        hold(lines=lines)
        visit.lines.all().delete()
        made = add_lines(visit, lines)
        _announce((visit.client_id, visit.store_id, visit.day))
        record(
            action=Action.VISIT_CORRECTED,
            acting_user=acting_user,
            subject=visit,
            before={"lines": replaced},
            after={"lines": [line_summary(line) for line in made]},
        )
    return visit


def return_line(*, acting_user: User, line_id: int, day: date, quantity: Decimal, amount: Decimal) -> Visit:
    """Takes a sold line back, wholly or in part, on a day of its own; `quantity` and `amount` are what comes back,
    both above 0. The visit itself still counts. Raises AppError."""
    with transaction.atomic():
        line = VisitLine.objects.select_related("visit", "service", "category", "staff").filter(pk=line_id).first()
        if line is None:
            raise AppError("unknown_line", _("There is no such line."), field="line", status=404)
        if not 0 < quantity <= line.quantity:
            raise AppError("return_quantity", _("No more can come back than was sold."), field="quantity")
        if day < line.visit.day:
            raise AppError("return_day", _("Nothing comes back before it was sold."), field="day")
        returned = NewLine(
            amount=-amount,
            quantity=-quantity,
            kind=line.kind,
            service=line.service,
            category=line.category,
            staff=line.staff,
            paid_by_card=line.paid_by_card,
        )
        visit = line.visit
        return record_visit(
            acting_user=acting_user, store=visit.store, client=visit.client, day=day, ref=visit.ref, lines=[returned]
        )


def local_today(store: Store) -> date:
    """The date in the store's time zone."""
    return datetime.now(ZoneInfo(store.time_zone or current_chain().time_zone)).date()


def _trail_fields(visit: Visit) -> dict[str, object]:
    """For the audit trail."""
    return {
        "client": visit.client and str(visit.client),
        "store": visit.store.code,
        "day": visit.day,
        "start_time": visit.start_time,
    }


def _check_day(store: Store, day: date) -> None:
    if day > local_today(store):
        raise AppError("future_day", _("The date lies in the future."), field="day")
    if day < EARLIEST_DAY:
        raise AppError("absurd_day", _("The date lies before 1950."), field="day")


def _refuse_closed(store: Store, day: date) -> None:
    """With the store held, so that nobody closes it meanwhile; what the caller read of it may be older."""
    closed = Store.objects.filter(pk=store.pk, closed_on__lte=day).first()
    if closed is not None:
        message = _("“%(store)s” has been closed since %(day)s and takes no visits from then on.")
        values = {"store": closed, "day": figures.day(closed.closed_on)}
        raise AppError("store_closed", message % values, field="day")


def _locked(acting_user: User, visit_id: int) -> Visit:
    visit = Visit.objects.select_for_update().filter(pk=visit_id, voided_at=None).first()
    if visit is None:
        raise AppError("unknown_visit", _("There is no such visit, or it is void."), field="visit", status=404)
    require_store(acting_user, visit.store_id)
    return visit


def _announce(*touched: tuple[int | None, int, date]) -> None:
    clients = {client for client, _store, _day in touched if client is not None}
    visits_changed.send(Visit, clients=clients, store_days={(store, day) for _client, store, day in touched})
