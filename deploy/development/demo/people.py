"""The chain's people: staff, and the register of clients, which grows from year to year."""

from datetime import date, timedelta
from random import Random

from deploy.development.demo.plan import ChainPlan, StorePlan
from deploy.development.demo.quotas import stream
from deploy.development.demo.records import Client, Staff

FEMALE, MALE = "female", "male"


def hire_staff(plan: ChainPlan) -> list[Staff]:
    """Four to seven people a store, more in larger ones; the first is the manager."""
    rng = stream(plan.seed, "staff")
    largest = max(store.size for store in plan.stores)
    staff: list[Staff] = []
    for store in plan.stores:
        for number in range(4 + round(3 * store.size / largest)):
            gender = FEMALE if rng.random() < 0.93 else MALE
            code = f"{store.code}-{number + 1:02d}"
            role = plan.naming.staff_roles[0 if number == 0 else rng.choice((1, 1, 2))]
            hired = store.opened_on + timedelta(days=rng.randrange(600) if number > 2 else 0)
            phone = plan.naming.phone(len(staff))
            staff.append(Staff(code, plan.naming.person(rng, gender), store.code, role, phone, hired))
    return staff


class Register:
    """The clients met so far, by the store they first came to."""

    def __init__(self, plan: ChainPlan, staff: list[Staff]) -> None:
        self.plan = plan
        self.clients: list[Client] = []
        self.by_store: dict[str, list[Client]] = {store.code: [] for store in plan.stores}
        self.staff: dict[str, list[str]] = {store.code: [] for store in plan.stores}
        for member in staff:
            self.staff[member.store].append(member.code)

    def known(self, store: StorePlan) -> list[Client]:
        return list(self.by_store[store.code])

    def enrol(self, rng: Random, store: StorePlan, count: int, year: int) -> list[Client]:
        new = [self._client(rng, store, year) for _ in range(count)]
        self.by_store[store.code] += new
        return new

    def _client(self, rng: Random, store: StorePlan, year: int) -> Client:
        number = len(self.clients) + 1
        gender = FEMALE if rng.random() < 0.94 else MALE
        team = self.staff[store.code]
        client = Client(
            ref=self.plan.naming.client_ref(number),
            name=self.plan.naming.person(rng, gender),
            gender=gender if rng.random() < 0.97 else "",
            phone=self.plan.naming.phone(1000 + number),
            birth_date=_birth_date(rng, year),
            store=store,
            # Some people of a team have more regulars than others.
            favourite=team[min(int(rng.random() ** 1.4 * len(team)), len(team) - 1)],
        )
        friends = self.by_store[store.code]
        if friends and rng.random() < 0.08:
            client.referrer = rng.choice(friends).ref
        self.clients.append(client)
        return client


def _birth_date(rng: Random, year: int) -> date | None:
    if rng.random() < 0.15:
        return None
    age = 19 + rng.betavariate(2.0, 3.2) * 46
    return date(year, 1, 1) - timedelta(days=int(age * 365.25))
