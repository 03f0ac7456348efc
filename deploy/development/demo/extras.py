"""What else happens in a year's visits: ratings, goods brought back, sales to nobody known, receipts."""

from datetime import datetime, time, timedelta
from random import Random

from deploy.development.demo.days import YearCalendar
from deploy.development.demo.layout import Salon
from deploy.development.demo.plan import PRODUCT, SERVICE, RatingQuota
from deploy.development.demo.quotas import apportion, pick
from deploy.development.demo.records import ClientYear, Line, Visit

TOP_RATINGS = (5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 4.9, 4.9, 4.8)
MIDDLE_RATINGS = (4.7, 4.7, 4.7, 4.7, 4.6, 4.5)
RATED_VISITS = 0.62
RETURNED_VISITS = 0.004


def rate(rng: Random, people: list[ClientYear], quota: RatingQuota) -> None:
    """Ratings of visits, so that each client's mean falls in the band planned; who comes back rates better."""
    rated = []
    for person in people:
        lines = [_first_service(visit) for visit in person.visits if rng.random() < RATED_VISITS]
        if lines:
            rated.append((person, lines))
    top, low, _ = apportion(len(rated), [quota.top, quota.low, 1 - quota.top - quota.low])
    best = pick(rng, rated, top, lambda pair: 1.8 if pair[0].repeats else 1.0)
    chosen = {id(pair) for pair in best}
    others = [pair for pair in rated if id(pair) not in chosen]
    worst = {id(pair) for pair in pick(rng, others, low, lambda pair: 0.6 if pair[0].repeats else 1.0)}
    for pair in rated:
        scale = TOP_RATINGS if id(pair) in chosen else quota.low_ratings if id(pair) in worst else MIDDLE_RATINGS
        for line in pair[1]:
            line.rating = rng.choice(scale)


def _first_service(visit: Visit) -> Line:
    return next(line for line in visit.lines if line.kind == SERVICE)


def bring_back(rng: Random, people: list[ClientYear], calendar: YearCalendar, salon: Salon) -> None:
    """A few products are returned at the next visit, and a few by people who come for nothing else."""
    repeaters = [person for person in people if len(person.visits) > 1]
    count = round(sum(len(person.visits) for person in people) * RETURNED_VISITS)
    for person in rng.sample(repeaters, count):
        _return(rng, salon, person.visits[0], person.visits[1])
    singles = [p for p in people if p.count == 1 and 0 < p.days[0] < calendar.length - 40]
    for person in rng.sample(singles, min(count // 8, len(singles))):
        bought = person.visits[0]
        day = calendar.draw(rng, person.days[0] + 2, person.days[0] + 20)
        started = datetime.combine(calendar.start + timedelta(days=day), bought.started_at.time())
        nothing_else = Visit(bought.store, started, bought.client, [])
        _return(rng, salon, bought, nothing_else)
        person.visits.append(nothing_else)


def _return(rng: Random, salon: Salon, bought: Visit, later: Visit) -> None:
    category = bought.lines[0].category
    item = salon.item(rng, PRODUCT, category)
    price = item.price or 0
    bought.lines.append(Line(PRODUCT, item.code, category, price, staff=bought.lines[0].staff))
    later.lines.append(Line(PRODUCT, item.code, category, -price, quantity=-1))


def anonymous_visits(rng: Random, visits: list[Visit], calendar: YearCalendar, salon: Salon) -> list[Visit]:
    """Sales over the counter to people who give no name, a few items each."""
    share = salon.plan.anonymous_share
    missing = round(sum(len(visit.lines) for visit in visits) * share / (1 - share))
    categories = list(dict.fromkeys(item.category for item in salon.plan.items if item.kind == PRODUCT))
    stores = salon.plan.stores
    sales = []
    while missing > 0:
        store = rng.choices(stores, [store.size for store in stores])[0]
        day = calendar.draw(rng, 0, calendar.length - 1)
        started = datetime.combine(calendar.start + timedelta(days=day), time(rng.randrange(11, 20), rng.randrange(60)))
        lines = [
            _over_the_counter(rng, salon, rng.choice(categories)) for _ in range(min(missing, rng.choice((2, 3, 4))))
        ]
        missing -= len(lines)
        sales.append(Visit(store.code, started, "", lines))
    return sales


def _over_the_counter(rng: Random, salon: Salon, category: str) -> Line:
    item = salon.item(rng, PRODUCT, category)
    return Line(PRODUCT, item.code, category, item.price or 0)


def number_receipts(visits: list[Visit]) -> None:
    """Put visits in the order of the till and number them per store and day."""
    visits.sort(key=lambda visit: (visit.started_at, visit.store, visit.client))
    counters: dict[tuple[str, str], int] = {}
    for visit in visits:
        day = visit.started_at.date().isoformat()
        number = counters[visit.store, day] = counters.get((visit.store, day), 0) + 1
        visit.ref = f"{day.replace('-', '')}-{number:03d}"
