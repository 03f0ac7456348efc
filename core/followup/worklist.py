"""The absent clients of a store as they are worked off: what has been done about each, filtered and in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from django.db import connection

from core.appointments.selectors import next_appointments
from core.clients.models import Client
from core.followup.absence import SEGMENTS, AbsentClient, Segment
from core.followup.models import Contact

# Still to be contacted; contacted since the last visit; booked anyway; not to be contacted.
State = Literal["open", "contacted", "booked", "blocked"]
STATES: tuple[State, ...] = get_args(State)
# Days overdue, first and last.
OVERDUE: Mapping[str, tuple[int, int | None]] = {
    "1-14": (1, 14),
    "15-60": (15, 60),
    "61-180": (61, 180),
    "181-": (181, None),
}
Order = Literal["value", "overdue", "-overdue", "spent", "name"]


@dataclass(frozen=True, slots=True)
class Entry:
    absent: AbsentClient
    state: State
    # The latest contact since the last visit; where there is to be none, the entry that says so.
    contact_id: int | None = None
    booked: date | None = None


@dataclass(frozen=True)
class Filters:
    segment: Segment | None = None
    # By id.
    staff: int | None = None
    overdue: tuple[int, int | None] | None = None
    order: Order = "value"


def entries(absent: Sequence[AbsentClient], *, today: date) -> list[Entry]:
    clients = [one.client_id for one in absent]
    if not clients:
        return []
    blocks, latest = _contacts(clients)
    booked = next_appointments(clients, since=today)
    return [_entry(one, blocks, latest, booked) for one in absent]


def _entry(
    absent: AbsentClient, blocks: Mapping[int, int], latest: Mapping[int, tuple[date, int]], booked: Mapping[int, date]
) -> Entry:
    client = absent.client_id
    if client in blocks:
        return Entry(absent, "blocked", blocks[client])
    day, contact = latest.get(client, (date.min, 0))
    if client in booked:
        return Entry(absent, "booked", contact or None, booked[client])
    # On the day of the last visit itself it may have been for another reason.
    return Entry(absent, "contacted", contact) if day > absent.last_day else Entry(absent, "open")


def _contacts(clients: list[int]) -> tuple[dict[int, int], dict[int, tuple[date, int]]]:
    """By client the "do not contact" that holds, and the day and id of the latest contact."""
    blocks, latest = {}, {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT client_id, day, id, kind = %s, lifted_on IS NULL FROM followup_contact "
            "WHERE client_id = ANY(%s) ORDER BY day, id",
            [Contact.Kind.DO_NOT_CONTACT, clients],
        )
        for client, day, contact, is_block, holds in cursor.fetchall():
            if not is_block:
                latest[client] = day, contact
            elif holds:
                blocks[client] = contact
    return blocks, latest


def filtered(listed: Sequence[Entry], filters: Filters) -> list[Entry]:
    """In the order asked for; clients alike in it in that of their ids."""
    least, most = filters.overdue or (1, None)
    chosen = [
        entry
        for entry in listed
        if filters.segment in {None, entry.absent.segment}
        and filters.staff in {None, entry.absent.staff_id}
        and entry.absent.overdue >= least
        and (most is None or entry.absent.overdue <= most)
    ]
    if filters.order == "name":
        names = client_names([entry.absent.client_id for entry in chosen])
        return sorted(chosen, key=lambda entry: names[entry.absent.client_id])
    return sorted(chosen, key=_ORDERS[filters.order])


def client_names(clients: list[int]) -> dict[int, tuple[bool, str, str]]:
    """Those without a name last."""
    rows = Client.objects.filter(pk__in=clients).values_list("pk", "name", "ref")
    return {pk: (not name, name, ref) for pk, name, ref in rows}


def in_state(listed: Sequence[Entry], state: State) -> list[Entry]:
    return [entry for entry in listed if entry.state == state]


_RANK = {segment: rank for rank, segment in enumerate(SEGMENTS)}
# The most valuable first, and of them those who have stayed away for the least time: they are the easiest to win back.
_ORDERS: Mapping[Order, Callable[[Entry], tuple[float, float]]] = {
    "value": lambda entry: (_RANK[entry.absent.segment], entry.absent.overdue),
    "overdue": lambda entry: (entry.absent.overdue, 0),
    "-overdue": lambda entry: (-entry.absent.overdue, 0),
    "spent": lambda entry: (-float(entry.absent.spent), entry.absent.overdue),
}
