"""On which days the clients of a year come: by season and weekday, at their own rhythm, past the turn of the year."""

from bisect import bisect
from calendar import isleap
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from deploy.development.demo.plan import MONTHLY, SEASONAL, SELDOM, ChainPlan, Naming, YearPlan
from deploy.development.demo.records import ClientYear

# Least and greatest mean gap in days of each cadence (M6), with room to spare.
GAPS = {MONTHLY: (2.0, 31.0), SEASONAL: (31.5, 92.0), SELDOM: (92.5, 365.0)}
# The following keep the trailing twelve months level between the turns of the year, where a plain draw would bulge.
# Share of repeat clients new in a year whose last visit lies at its end, and how many days that end has.
STILL_COMING = 0.4
END = 60
# A client who came once last year comes again after this many days at the earliest; but some who came after the
# given day of last year come again before the given day of this one.
LEAST_PAUSE = 225
SOON, SOON_FROM, SOON_UNTIL = 0.3, 310, 80
# Clients who come once: more at the beginning of the year than at its end, and least in its middle.
SINGLES_TILT = -0.4
BOWL = 1.2


class YearCalendar:
    """How busy each day of the year is."""

    def __init__(self, naming: Naming, year: YearPlan) -> None:
        self.start = date(year.year, 1, 1)
        self.length = 366 if isleap(year.year) else 365
        self.sums: dict[float, list[float]] = {}
        self.weights = [self._weight(naming, year, self.start + timedelta(days=i)) for i in range(self.length)]

    @staticmethod
    def _weight(naming: Naming, year: YearPlan, day: date) -> float:
        return 0.0 if day in year.closed else naming.season[day.month - 1] * naming.weekday[day.weekday()]

    def draw(self, rng: Random, first: int, last: int, tilt: float = 0.0) -> int:
        """A day from first to last, both included; `tilt` above 0 favours late days, below 0 early ones; both ends
        of the year are favoured before its middle."""
        if tilt not in self.sums:
            places = [2 * i / self.length - 1 for i in range(self.length)]
            shape = [(1 + tilt * place) * (1 + BOWL * place**2) for place in places]
            weights = [weight * factor for weight, factor in zip(self.weights, shape, strict=True)]
            self.sums[tilt] = [0.0, *accumulate(weights)]
        sums = self.sums[tilt]
        while sums[first] == sums[last + 1]:
            first -= 1  # closed all those days: before them
        aim = sums[first] + rng.random() * (sums[last + 1] - sums[first])
        return min(bisect(sums, aim) - 1, last)


def set_days(rng: Random, people: list[ClientYear], plan: ChainPlan, year: YearPlan) -> YearCalendar:
    calendar = YearCalendar(plan.naming, year)
    for person in people:
        person.days = _days(rng, person, calendar)
    _end_everywhere(rng, people, calendar)
    return calendar


def _days(rng: Random, person: ClientYear, calendar: YearCalendar) -> list[int]:
    latest = calendar.length - 1 - person.span
    first = _first_day(rng, person, calendar, latest)
    if person.count == 1:
        return [first]
    low, high = GAPS[person.cadence]
    gaps = person.count - 1
    ends = [d for d in range(first + person.span - 6, first + person.span + 7) if low <= (d - first) / gaps <= high]
    ends = [d for d in ends if first + gaps <= d < calendar.length and calendar.weights[d] > 0]
    last = rng.choices(ends, [calendar.weights[d] for d in ends])[0]
    return [first, *_between(rng, first, last, gaps - 1, calendar), last]


def _first_day(rng: Random, person: ClientYear, calendar: YearCalendar, latest: int) -> int:
    """Regulars go on after their usual gap; who came once last year lets about a year pass; many who begin to come
    this year are still coming at its end. So the months around the turn of the year are like any others."""
    before = person.before
    if before and before.repeats:
        gap = before.span / (before.count - 1)
        due = round(before.days[-1] + gap * rng.uniform(0.8, 1.4)) - calendar.length
        due = min(max(due, 0), latest)
        return calendar.draw(rng, max(due - 4, 0), min(due + 4, latest))
    if before and before.days[0] > SOON_FROM and rng.random() < SOON:
        return calendar.draw(rng, 0, min(SOON_UNTIL, latest))
    if before:
        return calendar.draw(rng, min(max(before.days[0] + LEAST_PAUSE - calendar.length, 0), latest), latest)
    if person.repeats and not person.returning and rng.random() < STILL_COMING:
        return calendar.draw(rng, max(latest - END, 0), latest)
    return calendar.draw(rng, 0, latest, 0.0 if person.repeats else SINGLES_TILT)


def _between(rng: Random, first: int, last: int, count: int, calendar: YearCalendar) -> list[int]:
    """`count` days between, at about even gaps, each moved a little to a busier day."""
    step = (last - first) / (count + 1)
    wander = max(1, int(step / 4))
    taken: set[int] = set()

    def free(start: int, end: int) -> list[int]:
        days = range(max(start, first + 1), min(end, last - 1) + 1)
        return [d for d in days if calendar.weights[d] > 0 and d not in taken]

    for i in range(1, count + 1):
        middle = round(first + i * step)
        near = free(middle - wander, middle + wander) or free(first, last)
        taken.add(rng.choices(near, [calendar.weights[d] for d in near])[0])
    return sorted(taken)


def _end_everywhere(rng: Random, people: list[ClientYear], calendar: YearCalendar) -> None:
    """Every store is open on the year's last day: let someone come for the first time that day."""
    last = calendar.length - 1
    by_store: dict[str, list[ClientYear]] = {}
    for person in people:
        by_store.setdefault(person.client.store.code, []).append(person)
    for guests in by_store.values():
        if not any(person.days[-1] == last for person in guests):
            late = [person for person in guests if person.count == 1 and person.days[0] > calendar.length * 2 // 3]
            singles = [person for person in guests if person.count == 1]
            rng.choice(late or singles).days = [last]
