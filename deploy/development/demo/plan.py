"""What a demo chain is made from: tables that say how many clients there are of which kind, year by year."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random

SERVICE, PRODUCT, CARD_SALE = "service", "product", "card_sale"
MONTHLY, SEASONAL, SELDOM = "monthly", "seasonal", "seldom"


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    name: str
    category: str
    kind: str
    price: int | None
    popularity: int = 1
    duration_min: int | None = None
    interval_days: int | None = None


@dataclass(frozen=True, slots=True)
class StorePlan:
    """`lean`: by how much of a rate the store differs from its tier's others, in the last year and before."""

    code: str
    name: str
    city: str
    tier: str
    size: int
    lean: float = 0.0
    lean_before: float = 0.0
    opened_on: date = date(2019, 6, 1)
    # Empty: the built-in table of cities knows, and the chain's own time zone holds.
    region: str = ""
    time_zone: str = ""
    loyal_to_staff: float = 0.62


@dataclass(frozen=True, slots=True)
class CategoryQuota:
    """Pairs of client and category, the share of them that repeat, and the category's share of service lines."""

    name: str
    pairs: int
    rate: float
    share: float


@dataclass(frozen=True, slots=True)
class TierQuota:
    """Clients and repeat clients of the tier's stores, who of them came before, and with what they begin."""

    clients: int
    repeats: int
    returning: float
    leads: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ValueQuota:
    """Share of clients above the high-value threshold, their repurchase rate, and where the money comes from."""

    share: float
    rate: float
    revenue: int
    repeat_share: float
    # Mean net spend of high-value clients who came on one day only, and of high-value repeat clients.
    single_mean: int
    repeat_mean: int


@dataclass(frozen=True, slots=True)
class RatingQuota:
    """Shares of rated clients by their mean rating: at least 4.8, and below 4.5; and what the low ones give."""

    top: float
    low: float
    low_ratings: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class YearPlan:
    year: int
    visits: int
    # Second visits of a client on the same day, contained in `visits`.
    doubles: int
    service_lines: int
    tiers: Mapping[str, TierQuota]
    categories: tuple[CategoryQuota, ...]
    # Shares of repeat clients who come monthly, and every two to three months; the rest come seldom.
    monthly: float
    seasonal: float
    value: ValueQuota
    ratings: RatingQuota
    closed: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Prices:
    """Round card prices end in `tail` on every `step`; `small_card` is what ordinary clients buy."""

    threshold: int = 5000
    step: int = 100
    tail: int = 80
    small_card: tuple[int, int] = (780, 2380)
    least_card: int = 980
    ordinary_cap: int = 4900


@dataclass(frozen=True, slots=True)
class Naming:
    person: Callable[[Random, str], str]
    phone: Callable[[int], str]
    client_ref: Callable[[int], str]
    staff_roles: tuple[str, ...]
    # By month: how busy it is; by weekday from Monday.
    season: tuple[float, ...]
    weekday: tuple[float, ...]
    opens: int = 10
    closes: int = 21


@dataclass(frozen=True, slots=True)
class ChainPlan:
    schema: str
    seed: str
    stores: tuple[StorePlan, ...]
    items: tuple[Item, ...]
    years: tuple[YearPlan, ...]
    naming: Naming
    prices: Prices
    # Least net spend of the calendar year for each tier of the member scheme, by rising rank.
    member_tiers: tuple[tuple[str, int], ...] = (("normal", 0), ("silver", 1500), ("gold", 5000), ("diamond", 8000))
    anonymous_share: float = 0.012
    elsewhere: float = 0.06
    # From this year on stores differ by their `lean`; the last that is written out, where none is said.
    leans_from: int = 0
    # The last day of the records, where that is not the end of the last year.
    through: date | None = None

    @property
    def last_day(self) -> date:
        return self.through or date(self.years[-1].year, 12, 31)


def brought_up_to(plan: ChainPlan, today: date) -> ChainPlan:
    """The plan with a year like its last for each that has begun since; the records end with `today`."""
    years = list(plan.years)
    while years[-1].year < today.year:
        following = years[-1].year + 1
        closed = tuple(day.replace(year=following) for day in years[-1].closed)
        years.append(replace(years[-1], year=following, closed=closed))
    return replace(plan, years=tuple(years), leans_from=plan.years[-1].year, through=today)
