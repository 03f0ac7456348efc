"""The generated records, as they go into the import files."""

from dataclasses import dataclass, field
from datetime import date, datetime

from deploy.development.demo.plan import StorePlan


@dataclass(slots=True)
class Staff:
    code: str
    name: str
    store: str
    role: str
    phone: str
    hired_on: date


@dataclass(slots=True)
class Line:
    kind: str
    item: str
    category: str
    amount: int
    quantity: int = 1
    paid_by_card: bool = False
    staff: str = ""
    duration_min: int | None = None
    rating: float | None = None


@dataclass(slots=True)
class Visit:
    """`client` empty: anonymous. `ref`: the store's receipt number."""

    store: str
    started_at: datetime
    client: str
    lines: list[Line]
    ref: str = ""


@dataclass(slots=True)
class Client:
    """A client of the chain over all years; `last` is the client's latest year."""

    ref: str
    name: str
    gender: str
    phone: str
    birth_date: date | None
    store: StorePlan
    favourite: str
    joined_on: date | None = None
    referrer: str = ""
    # (from, tier code), oldest first.
    tiers: list[tuple[date, str]] = field(default_factory=list)
    last: "ClientYear | None" = None


@dataclass(slots=True)
class ClientYear:
    """What is decided of one client for one year, before it is laid out in visits and lines."""

    client: Client
    year: int
    returning: bool
    lead: str = ""
    repeats: bool = False
    cadence: str = ""
    # Number of visit days, days from first to last, and the days themselves (0 = 1 January).
    count: int = 1
    span: int = 0
    days: list[int] = field(default_factory=list)
    # Service lines by category.
    mix: dict[str, int] = field(default_factory=dict)
    high: bool = False
    # Net spend aimed at (high-value clients), and reached.
    target: int = 0
    spent: int = 0
    visits: list[Visit] = field(default_factory=list)
    before: "ClientYear | None" = None


@dataclass(slots=True)
class Dataset:
    staff: list[Staff]
    clients: list[Client]
    visits: list[Visit]
