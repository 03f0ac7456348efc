"""Who comes in a year: from which store, for the first time or again, with what, how often, and at what value."""

from random import Random

from deploy.development.demo.people import Register
from deploy.development.demo.plan import MONTHLY, SEASONAL, SELDOM, ChainPlan, StorePlan, TierQuota, YearPlan
from deploy.development.demo.quotas import apportion, draw, fit_total, pick, stream
from deploy.development.demo.records import Client, ClientYear

# Numbers of visit days by cadence, their weights and the limits they may be moved within.
SEASONAL_COUNTS = ((2, 3, 4, 5, 6, 7, 8, 9, 10), (14, 16, 20, 17, 13, 9, 6, 3, 2))
SELDOM_COUNTS = ((2, 3, 4), (60, 30, 10))
COUNT_LIMITS = {MONTHLY: (4, 26), SEASONAL: (3, 10), SELDOM: (2, 4)}
# How much likelier a client of each rank of category comes back, first category first.
LEAD_ODDS = (1.6, 1.3, 1.1, 0.32)
# And how much likelier one is to be of high value.
VALUE_ODDS = (1.0, 1.5, 0.9, 0.2)


def build_year(plan: ChainPlan, year: YearPlan, register: Register) -> list[ClientYear]:
    rng = stream(plan.seed, year.year, "population")
    people: list[ClientYear] = []
    for tier, quota in year.tiers.items():
        stores = [store for store in plan.stores if store.tier == tier]
        sizes = apportion(quota.clients, [store.size for store in stores])
        repeats = _repeats_by_store(plan, year, quota, stores, sizes)
        for store, size, repeat in zip(stores, sizes, repeats, strict=True):
            guests = _guests(rng, store, year, quota, size, register)
            _set_leads(rng, guests, quota, [category.name for category in year.categories])
            _set_repeats(rng, guests, repeat, [category.name for category in year.categories])
            people += guests
    _set_cadence(rng, people, year)
    _set_counts(rng, people, year)
    _set_value(rng, people, year)
    return people


def _repeats_by_store(
    plan: ChainPlan, year: YearPlan, quota: TierQuota, stores: list[StorePlan], sizes: list[int]
) -> list[int]:
    """Each store's lean on top of a common rate that makes the tier's number of repeat clients come out."""
    final = year.year >= (plan.leans_from or plan.years[-1].year)
    leans = [store.lean if final else store.lean_before for store in stores]
    common = (quota.repeats - sum(n * lean for n, lean in zip(sizes, leans, strict=True))) / quota.clients
    return apportion(quota.repeats, [n * (common + lean) for n, lean in zip(sizes, leans, strict=True)])


def _guests(
    rng: Random, store: StorePlan, year: YearPlan, quota: TierQuota, size: int, register: Register
) -> list[ClientYear]:
    known = register.known(store)
    back = pick(rng, known, min(round(size * quota.returning), len(known)), lambda c: _pull(c, year.year))
    new = register.enrol(rng, store, size - len(back), year.year)
    people = [ClientYear(client, year.year, returning=True, before=_year_before(client, year.year)) for client in back]
    return people + [ClientYear(client, year.year, returning=False) for client in new]


def _year_before(client: Client, year: int) -> ClientYear | None:
    return client.last if client.last and client.last.year == year - 1 else None


def _pull(client: Client, year: int) -> float:
    """How likely a known client is to come again: late and frequent visits of the year before draw."""
    last = client.last
    if last is None or last.year < year - 1:
        return 0.3
    if not last.repeats:
        return 0.8
    return 0.3 + 0.5 * (last.days[-1] / 365) ** 3 * (1.5 if last.high else 1.0)


def _set_leads(rng: Random, people: list[ClientYear], quota: TierQuota, categories: list[str]) -> None:
    shares = apportion(len(people), quota.leads)
    pool = [name for name, n in zip(categories, shares, strict=True) for _ in range(n)]
    rng.shuffle(pool)
    # Those who came last year mostly come for the same.
    for person in sorted(people, key=lambda p: p.before is None):
        wanted = person.before.lead if person.before and rng.random() < 0.6 else ""
        person.lead = wanted if wanted in pool else pool[-1]
        pool.remove(person.lead)


def _set_repeats(rng: Random, people: list[ClientYear], count: int, categories: list[str]) -> None:
    odds = dict(zip(categories, LEAD_ODDS, strict=True))

    def weight(person: ClientYear) -> float:
        known = 1.55 if person.returning else 1.0
        loyal = 1.5 if person.before and person.before.repeats else 1.0
        return odds[person.lead] * known * loyal

    for person in pick(rng, people, count, weight):
        person.repeats = True


def _set_cadence(rng: Random, people: list[ClientYear], year: YearPlan) -> None:
    repeaters = [person for person in people if person.repeats]
    monthly, seasonal, _ = apportion(len(repeaters), [year.monthly, year.seasonal, 1 - year.monthly - year.seasonal])

    def same(person: ClientYear, cadence: str) -> float:
        return (4.0 if person.before and person.before.cadence == cadence else 1.0) * (1.3 if person.returning else 1)

    for person in repeaters:
        person.cadence = SELDOM
    for person in pick(rng, repeaters, monthly, lambda p: same(p, MONTHLY)):
        person.cadence = MONTHLY
    others = [person for person in repeaters if person.cadence != MONTHLY]
    for person in pick(rng, others, seasonal, lambda p: same(p, SEASONAL)):
        person.cadence = SEASONAL


def _set_counts(rng: Random, people: list[ClientYear], year: YearPlan) -> None:
    repeaters = [person for person in people if person.repeats]
    counts = [_count(rng, person.cadence) for person in repeaters]
    limits = [COUNT_LIMITS[person.cadence] if n > 3 else (n, n) for person, n in zip(repeaters, counts, strict=True)]
    fit_total(rng, counts, year.visits - year.doubles - (len(people) - len(repeaters)), limits)
    for person, count in zip(repeaters, counts, strict=True):
        person.count = count
        person.span = _span(rng, person.cadence, count)


def _count(rng: Random, cadence: str) -> int:
    if cadence == SEASONAL:
        return draw(rng, *SEASONAL_COUNTS)
    if cadence == SELDOM:
        return draw(rng, *SELDOM_COUNTS)
    return rng.choice((2, 3)) if rng.random() < 0.2 else min(26, max(4, round(rng.gauss(11, 4))))


def _span(rng: Random, cadence: str, count: int) -> int:
    """Days from the first to the last visit, so that the mean gap lies well within the cadence (M6)."""
    gaps = count - 1
    if cadence == MONTHLY:
        most = min(30.0, 350 / gaps)
        return int(gaps * rng.uniform(max(7.0, most - 13), most))
    if cadence == SEASONAL:
        return int(gaps * rng.triangular(33, min(90.0, 350 / gaps)))
    return int(gaps * rng.triangular(95, min(330.0, 356 / gaps), 100))


def _set_value(rng: Random, people: list[ClientYear], year: YearPlan) -> None:
    quota = year.value
    high = round(len(people) * quota.share)
    high_repeat = round(high * quota.rate)

    # Anti-ageing care is dear, and nobody spends thousands on nails.
    taste_of = dict(zip([category.name for category in year.categories], VALUE_ODDS, strict=True))

    def weight(person: ClientYear) -> float:
        taste = taste_of[person.lead]
        return float(person.count**1.5) * taste * (2.0 if person.before and person.before.high else 1.0)

    repeaters = [person for person in people if person.repeats]
    singles = [person for person in people if not person.repeats]
    for person in pick(rng, repeaters, high_repeat, weight) + pick(rng, singles, high - high_repeat, weight):
        person.high = True
