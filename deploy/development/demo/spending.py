"""What the clients pay: services in cash or from a card, products, cards bought, so that each class of clients spends
what the year's plan says.

A high-value client's spend is aimed at beforehand: whatever services and products leave open is bought as a card, and
most later services are paid from it. Ordinary clients pay their way; their prices are then scaled a little, all alike,
to the sum planned.
"""

from random import Random

from deploy.development.demo.layout import Salon
from deploy.development.demo.plan import CARD_SALE, PRODUCT, SERVICE, Prices, YearPlan
from deploy.development.demo.records import ClientYear, Line, Visit

# Part of the revenue that comes from anonymous sales (about 1.2 % of lines, small ones).
ANONYMOUS_REVENUE = 0.003


def set_amounts(rng: Random, people: list[ClientYear], year: YearPlan, salon: Salon) -> None:
    value, prices = year.value, salon.plan.prices
    high_repeat = [p for p in people if p.high and p.repeats]
    high_single = [p for p in people if p.high and not p.repeats]
    revenue = value.revenue * (1 - ANONYMOUS_REVENUE)
    _aim(rng, high_repeat, value.repeat_mean, prices)
    _aim(rng, high_single, value.single_mean, prices)
    for person in high_repeat + high_single:
        _spend_high(rng, person, salon)
    repeat = [p for p in people if p.repeats and not p.high]
    single = [p for p in people if not p.repeats and not p.high]
    for person in repeat + single:
        _spend_ordinary(rng, person, salon)
    _scale(repeat, revenue * value.repeat_share - sum(p.target for p in high_repeat))
    _scale(single, revenue * (1 - value.repeat_share) - sum(p.target for p in high_single))
    for person in people:
        person.spent = _net(person)


def _net(person: ClientYear) -> int:
    return sum(line.amount for visit in person.visits for line in visit.lines if not line.paid_by_card)


def _lines(person: ClientYear, kind: str, *, paid_by_card: bool = False) -> list[Line]:
    lines = [line for visit in person.visits for line in visit.lines]
    return [line for line in lines if line.kind == kind and line.paid_by_card == paid_by_card]


def _aim(rng: Random, people: list[ClientYear], mean: int, prices: Prices) -> None:
    """Spends just above the threshold for most, which the member scheme rewards, with a long tail of large ones."""
    excess = [rng.expovariate(1 / 300) if rng.random() < 0.92 else 1500 * rng.paretovariate(1.5) for _ in people]
    excess = [min(value, 24000) for value in excess]
    factor = len(people) * (mean - prices.threshold - prices.step / 2) / max(sum(excess), 1)
    for person, value in zip(people, excess, strict=True):
        person.target = prices.threshold + 1 + int(value * factor)


def _spend_high(rng: Random, person: ClientYear, salon: Salon) -> None:
    prices = salon.plan.prices
    had_card = bool(person.before and person.before.high and person.repeats)
    bought = rng.randrange(min(3, len(person.visits))) if had_card else 0
    for i, visit in enumerate(person.visits):
        from_card = 0.3 if i == bought else 0.8 if i > bought or had_card else 0.0
        for line in visit.lines:
            line.paid_by_card = rng.random() < from_card and len(person.visits) > 1
        _discount(rng, visit, 0.85, 1.0)
        _add_product(rng, visit, salon, 0.16)
    _leave_room(person, prices)
    open_sum = person.target - _net(person)
    if person.target > 1.8 * prices.threshold and len(person.visits) - bought > 3:
        half = _round_up(open_sum // 2, prices)
        _sell_card(rng, person.visits[bought + 2], salon, half)
        open_sum -= half
    _sell_card(rng, person.visits[bought], salon, _round_up(open_sum, prices))
    person.target = _net(person)
    _value_consumption(person, 0.85 if had_card else 0.9, had_card=had_card)


def _leave_room(person: ClientYear, prices: Prices) -> None:
    """Where cash alone would reach the aim, pay the dearest services from the card and leave out the products."""
    while person.target - _net(person) < prices.least_card:
        cash = _lines(person, SERVICE)
        if cash:
            max(cash, key=lambda line: line.amount).paid_by_card = True
            continue
        for visit in person.visits:
            visit.lines = [line for line in visit.lines if line.kind != PRODUCT]


def _value_consumption(person: ClientYear, most: float, *, had_card: bool) -> None:
    """Services paid from a card count at its value: together no more than was paid for it."""
    used = _lines(person, SERVICE, paid_by_card=True)
    balance = sum(line.amount for line in _lines(person, CARD_SALE)) * (1.4 if had_card else 0.95)
    factor = min(most, balance / max(sum(line.amount for line in used), 1))
    for line in used:
        line.amount = max(1, round(line.amount * factor))


def _spend_ordinary(rng: Random, person: ClientYear, salon: Salon) -> None:
    prices = salon.plan.prices
    buys_card = rng.random() < (0.45, 0.16, 0.012)[3 - min(len(person.visits), 3)]
    for i, visit in enumerate(person.visits):
        for line in visit.lines:
            line.paid_by_card = buys_card and i > 0 and rng.random() < 0.8
        # A first visit often goes at a trial price.
        _discount(rng, visit, 0.65 if i == 0 and not person.returning else 0.8, 1.0)
        _add_product(rng, visit, salon, 0.07)
    if buys_card:
        _sell_card(rng, person.visits[0], salon, _round_up(rng.randint(*prices.small_card), prices))
    while _net(person) > prices.ordinary_cap * 0.8:
        _cut(person)
    _value_consumption(person, 0.9, had_card=not buys_card)


def _cut(person: ClientYear) -> None:
    cash = _lines(person, PRODUCT) + _lines(person, SERVICE)
    line = max(cash, key=lambda line: line.amount)
    line.amount = max(1, line.amount // 2)


def _scale(people: list[ClientYear], total: float) -> None:
    """Scale cash services and products, all by the same factor, so that the class spends the total."""
    cards = sum(line.amount for p in people for line in _lines(p, CARD_SALE))
    cash = [line for p in people for kind in (SERVICE, PRODUCT) for line in _lines(p, kind)]
    factor = (total - cards) / max(sum(line.amount for line in cash), 1)
    if not 0.75 < factor < 1.25:
        raise ValueError(f"Prices would have to be scaled by {factor:.2f}")
    for line in cash:
        line.amount = max(1, round(line.amount * factor))


def _discount(rng: Random, visit: Visit, low: float, high: float) -> None:
    """Off the list price, in steps of 5 %."""
    for line in visit.lines:
        if not line.paid_by_card:
            line.amount = round(line.amount * round(rng.uniform(low, high) * 20) / 20)


def _add_product(rng: Random, visit: Visit, salon: Salon, chance: float) -> None:
    if rng.random() < chance:
        category = visit.lines[0].category
        item = salon.item(rng, PRODUCT, category)
        staff = visit.lines[0].staff if rng.random() < 0.7 else ""
        visit.lines.append(Line(PRODUCT, item.code, category, item.price or 0, staff=staff))


def _sell_card(rng: Random, visit: Visit, salon: Salon, amount: int) -> None:
    category = visit.lines[0].category
    item = salon.item(rng, CARD_SALE, category)
    visit.lines.append(Line(CARD_SALE, item.code, category, amount, staff=visit.lines[0].staff))


def _round_up(amount: float, prices: Prices) -> int:
    """The next price that ends as card prices do."""
    steps = -(-(int(amount) - prices.tail) // prices.step)
    return max(steps, 0) * prices.step + prices.tail
