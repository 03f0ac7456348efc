"""What a client has left and has booked, as read from files of other programs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from core.accounts.models import User
from core.appointments.models import Appointment
from core.balances.models import OpeningBalance
from core.clients.models import Client
from core.stores.access import visible_stores

MOST_SHOWN = 50
STATUS_TONES = {
    Appointment.Status.COMPLETED: "good",
    Appointment.Status.CANCELLED: "warn",
    Appointment.Status.NO_SHOW: "bad",
}


@dataclass(frozen=True)
class Held:
    balance: OpeningBalance
    has_expired: bool

    @property
    def times(self) -> str:
        """Such as 7, or 7 / 10 where it is known how many there were."""
        counted = (self.balance.times_left, self.balance.times_bought)
        return " / ".join(_plain(value) for value in counted if value is not None) if counted[0] is not None else ""

    @property
    def is_unlimited(self) -> bool:
        balance = self.balance
        nothing = balance.times_left is None and balance.amount_left is None and balance.bonus_left is None
        return balance.kind == OpeningBalance.Kind.TIMES and nothing


@dataclass(frozen=True)
class Booked:
    appointment: Appointment
    tone: str


def balances_seen_by(user: User, client: Client, today: date) -> list[Held]:
    """The latest bought first; those of the stores the user sees, and of none."""
    balances = OpeningBalance.objects.filter(client=client).select_related("store", "service")
    if not user.sees_all_stores:
        balances = balances.filter(Q(store=None) | Q(store__in=visible_stores(user)))
    latest = balances.order_by(F("bought_on").desc(nulls_last=True), "-pk")[:MOST_SHOWN]
    return [Held(one, one.expires_on is not None and one.expires_on < today) for one in latest]


def appointments_seen_by(user: User, client: Client) -> list[Booked]:
    """The latest first; those at the stores the user sees."""
    appointments: QuerySet[Appointment] = Appointment.objects.filter(client=client)
    if not user.sees_all_stores:
        appointments = appointments.filter(store__in=visible_stores(user))
    latest = appointments.select_related("store", "service", "staff").order_by("-day", "-start_time", "-pk")
    return [Booked(one, STATUS_TONES.get(Appointment.Status(one.status), "")) for one in latest[:MOST_SHOWN]]


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
