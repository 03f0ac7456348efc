"""Which categories each client's service lines fall in, so that the pairs of client and category, the share of them
that repeat, and each category's share of service lines come out as planned.

Every client begins with the lead category. A repeat client repeats in it (bar a few who try two categories once each);
then second categories are handed out that repeat, then ones that do not, then the remaining lines go to categories
the client repeats in, where they change no pair.
"""

from random import Random

from deploy.development.demo.plan import CategoryQuota, YearPlan
from deploy.development.demo.quotas import apportion, pick
from deploy.development.demo.records import ClientYear


def set_mixes(rng: Random, people: list[ClientYear], year: YearPlan) -> None:
    repeaters = [person for person in people if person.repeats]
    for person in people:
        person.mix = {person.lead: 2 if person.repeats else 1}
    for person in repeaters:
        if person.count == 2 and rng.random() < 0.1:
            person.mix = {person.lead: 1}
    for quota in reversed(year.categories):
        _add_pairs(rng, repeaters, quota, times=2)
    _complete_split(rng, repeaters, year)
    for quota in reversed(year.categories):
        _add_pairs(rng, people, quota, times=1)
    _fill(rng, repeaters, people, year)


def _pairs(people: list[ClientYear], name: str, *, repeated: bool) -> int:
    return sum(name in person.mix and (person.mix[name] > 1) == repeated for person in people)


def _room(person: ClientYear) -> int:
    """Lines the client may still have: one a day, and a second on some days."""
    return person.count + max(1, person.count // 3) - sum(person.mix.values())


def _add_pairs(rng: Random, people: list[ClientYear], quota: CategoryQuota, *, times: int) -> None:
    repeats = round(quota.pairs * quota.rate)
    wanted = repeats if times == 2 else quota.pairs - repeats
    missing = wanted - _pairs(people, quota.name, repeated=times == 2)
    free = [p for p in people if quota.name not in p.mix and _room(p) >= times and p.mix[p.lead] == min(p.count, 2)]
    if not 0 <= missing <= len(free):
        raise ValueError(f"{quota.name}: {missing} pairs to hand out to {len(free)} clients")
    for person in pick(rng, free, missing, lambda p: _room(p) ** 1.5 * (1.0 if p.count > 1 else 0.08)):
        person.mix[quota.name] = times


def _complete_split(rng: Random, repeaters: list[ClientYear], year: YearPlan) -> None:
    """Give those who try two categories once each their second one."""
    for person in repeaters:
        if sum(person.mix.values()) < 2:
            others = [quota for quota in year.categories if quota.name != person.lead]
            person.mix[rng.choices([q.name for q in others], [q.pairs * (1 - q.rate) for q in others])[0]] = 1


def _fill(rng: Random, repeaters: list[ClientYear], people: list[ClientYear], year: YearPlan) -> None:
    """First each day needs a line; what is left of a category's lines then goes to days that have one already."""
    names = [quota.name for quota in year.categories]
    lines = dict(zip(names, apportion(year.service_lines, [q.share for q in year.categories]), strict=True))
    for person in people:
        for name, count in person.mix.items():
            lines[name] -= count
    order = rng.sample(repeaters, len(repeaters))
    for person in sorted(order, key=lambda p: len(p.mix)):
        while sum(person.mix.values()) < person.count:
            open_names = [n for n, count in person.mix.items() if 2 <= count < person.count]
            name = rng.choices(open_names, [max(lines[n], 1) for n in open_names])[0]
            person.mix[name] += 1
            lines[name] -= 1
    for name in names:
        for _ in range(4):
            room = [p for p in order if 2 <= p.mix.get(name, 0) < p.count and _room(p) > 0]
            for person in room[: max(lines[name], 0)]:
                person.mix[name] += 1
                lines[name] -= 1
