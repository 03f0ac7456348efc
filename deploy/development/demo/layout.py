"""From days and categories to visits: at which store, at what time, by whom, with which services."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from random import Random

from deploy.development.demo.days import YearCalendar
from deploy.development.demo.plan import SERVICE, ChainPlan, Item, StorePlan, YearPlan
from deploy.development.demo.records import ClientYear, Line, Visit

# Busy hours: late morning, afternoon, after work.
HOURS = {10: 5, 11: 8, 12: 4, 13: 7, 14: 10, 15: 10, 16: 8, 17: 6, 18: 9, 19: 10, 20: 5}


class Salon:
    """What the layout of visits looks up: items by category and kind, teams, other stores near and far."""

    def __init__(self, plan: ChainPlan, teams: Mapping[str, list[str]]) -> None:
        self.plan = plan
        self.teams = teams
        # As often in the list as the item is popular.
        self.items: dict[tuple[str, str], list[Item]] = {}
        for item in plan.items:
            self.items.setdefault((item.kind, item.category), []).extend([item] * item.popularity)
        self.hours = [hour for hour, busy in HOURS.items() for _ in range(busy) if self._open(hour)]

    def _open(self, hour: int) -> bool:
        return self.plan.naming.opens <= hour < self.plan.naming.closes

    def item(self, rng: Random, kind: str, category: str) -> Item:
        return rng.choice(self.items[kind, category])

    def other_store(self, rng: Random, home: StorePlan) -> StorePlan:
        """Mostly one of the same city tier, and there of the same city; sometimes any."""
        others = [store for store in self.plan.stores if store.code != home.code]
        if rng.random() < 0.67:
            others = [store for store in others if store.tier == home.tier]
        return rng.choices(others, [6 if store.city == home.city else 1 for store in others])[0]

    def staff(self, rng: Random, store: StorePlan, person: ClientYear) -> str:
        favourite = person.client.favourite
        team = self.teams[store.code]
        return favourite if favourite in team and rng.random() < store.loyal_to_staff else rng.choice(team)


def lay_out(rng: Random, people: list[ClientYear], year: YearPlan, calendar: YearCalendar, salon: Salon) -> None:
    for person in people:
        categories = _deal(rng, person)
        stores = _stores(rng, person, salon)
        for day, store, names in zip(person.days, stores, categories, strict=True):
            started = _start(rng, salon, calendar, day)
            staff = salon.staff(rng, store, person)
            lines = [_service_line(rng, salon, name, staff) for name in names]
            person.visits.append(Visit(store.code, started, person.client.ref, lines))
    _split_doubles(rng, people, year)


def _deal(rng: Random, person: ClientYear) -> list[list[str]]:
    """The client's lines dealt round over the days: none twice in a category on a day, the lead first on the first."""
    others = [name for name in person.mix if name != person.lead]
    rng.shuffle(others)
    names = [name for name in [person.lead, *others] for _ in range(person.mix[name])]
    hands = [names[i :: person.count] for i in range(person.count)]
    later = hands[1:]
    rng.shuffle(later)
    return [hands[0], *later]


def _stores(rng: Random, person: ClientYear, salon: Salon) -> list[StorePlan]:
    """The home store, but for a few one later visit elsewhere."""
    stores = [person.client.store] * person.count
    if person.count > 1 and rng.random() < salon.plan.elsewhere:
        where = 1 if rng.random() < 0.7 else rng.randrange(1, person.count)
        stores[where] = salon.other_store(rng, person.client.store)
    return stores


def _start(rng: Random, salon: Salon, calendar: YearCalendar, day: int) -> datetime:
    return datetime.combine(calendar.start + timedelta(days=day), time(rng.choice(salon.hours), rng.randrange(60)))


def _service_line(rng: Random, salon: Salon, category: str, staff: str) -> Line:
    item = salon.item(rng, SERVICE, category)
    minutes = (item.duration_min or 60) + rng.choice((-5, 0, 0, 0, 5, 10))
    return Line(SERVICE, item.code, category, item.price or 0, staff=staff, duration_min=minutes)


def _split_doubles(rng: Random, people: list[ClientYear], year: YearPlan) -> None:
    """Some who have two services on a day come in twice for them, morning and evening."""
    free = [person for person in people if any(len(visit.lines) > 1 for visit in person.visits)]
    for person in rng.sample(free, year.doubles):
        visit = next(visit for visit in person.visits if len(visit.lines) > 1)
        visit.started_at = visit.started_at.replace(hour=rng.choice((10, 11, 12)))
        later = visit.started_at.replace(hour=rng.choice((17, 18, 19)), minute=rng.randrange(60))
        second = Visit(visit.store, later, visit.client, [visit.lines.pop()])
        person.visits.insert(person.visits.index(visit) + 1, second)
