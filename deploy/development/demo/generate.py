"""Generate a demo chain: the same records every time, in under five seconds."""

from datetime import date, timedelta
from random import Random

from deploy.development.demo.days import set_days
from deploy.development.demo.extras import anonymous_visits, bring_back, number_receipts, rate
from deploy.development.demo.layout import Salon, lay_out
from deploy.development.demo.mixes import set_mixes
from deploy.development.demo.people import Register, hire_staff
from deploy.development.demo.plan import ChainPlan, YearPlan
from deploy.development.demo.population import build_year
from deploy.development.demo.quotas import stream
from deploy.development.demo.records import Client, Dataset, Visit
from deploy.development.demo.spending import set_amounts
from deploy.development.demo.tiers import set_member_tiers


def generate(plan: ChainPlan) -> Dataset:
    staff = hire_staff(plan)
    register = Register(plan, staff)
    salon = Salon(plan, register.staff)
    made = [visit for year in plan.years for visit in _year_visits(plan, year, register, salon)]
    visits = [visit for visit in made if visit.started_at.date() <= plan.last_day]
    clients = _who_came(register.clients, visits)
    number_receipts(visits)
    _set_joined(stream(plan.seed, "joined"), clients, visits)
    set_member_tiers(plan, clients, visits)
    return Dataset(staff, clients, visits)


def _who_came(clients: list[Client], visits: list[Visit]) -> list[Client]:
    """Without those who are to come after the last day."""
    came = {visit.client for visit in visits}
    for client in clients:
        client.referrer = client.referrer if client.referrer in came else ""
    return [client for client in clients if client.ref in came]


def _year_visits(plan: ChainPlan, year: YearPlan, register: Register, salon: Salon) -> list[Visit]:
    def rng(step: str) -> Random:
        return stream(plan.seed, year.year, step)

    people = build_year(plan, year, register)
    set_mixes(rng("mixes"), people, year)
    calendar = set_days(rng("days"), people, plan, year)
    lay_out(rng("layout"), people, year, calendar, salon)
    set_amounts(rng("amounts"), people, year, salon)
    rate(rng("ratings"), people, year.ratings)
    bring_back(rng("returns"), people, calendar, salon)
    for person in people:
        person.client.last = person
    visits = [visit for person in people for visit in person.visits]
    return visits + anonymous_visits(rng("anonymous"), visits, calendar, salon)


def _set_joined(rng: Random, clients: list[Client], visits: list[Visit]) -> None:
    """The record is opened at the first visit; some of the first year's clients are older than these records."""
    first: dict[str, date] = {}
    for visit in visits:
        first.setdefault(visit.client, visit.started_at.date())
    beginning = min(first.values()) + timedelta(days=200)
    for client in clients:
        client.joined_on = first[client.ref]
        if client.joined_on < beginning and rng.random() < 0.6:
            earlier = client.joined_on - timedelta(days=rng.randrange(30, 900))
            client.joined_on = max(client.store.opened_on, earlier)
