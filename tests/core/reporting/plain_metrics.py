"""The other metrics counted the plain way, in nothing but loops over visits: see `plain`."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from core.reporting.question import Question
from core.stores.models import StoreLocation
from core.visits.models import Visit, VisitLine
from tests.core.reporting.plain import joined_days, location, store_group, tier_code
from tests.core.reporting.reading_once import read_once

Unit = tuple[int, str, str]
# In hundredths of the currency.
HIGH, MID = 500_000, 150_000


@dataclass
class Receipt:
    """A visit that was not voided, with the lines that are asked for (those of one category, where it is of one)."""

    visit: Visit
    lines: list[VisitLine]
    category: str = ""

    @property
    def kept(self) -> list[VisitLine]:
        return [line for line in self.lines if line.quantity > 0]

    @property
    def place(self) -> StoreLocation:
        return location(self.visit)

    @property
    def net(self) -> int:
        return int(100 * sum((line.amount for line in self.lines if not line.paid_by_card), Decimal(0)))

    @property
    def consumed(self) -> int:
        return int(100 * sum((line.amount for line in self.lines if line.paid_by_card), Decimal(0)))

    @property
    def rating(self) -> Fraction | None:
        rated = [Fraction(line.rating) for line in self.kept if line.rating is not None]
        return sum(rated, Fraction(0)) / len(rated) if rated else None


@dataclass
class Member:
    """A unit: a client, or client and store, or client and category; with receipts in the order of the day's visits."""

    receipts: list[Receipt] = field(default_factory=list)

    def days(self, basis: str) -> list[date]:
        paid: dict[date, Decimal] = defaultdict(Decimal)
        for receipt in self.receipts:
            if receipt.kept:
                paid[receipt.visit.day] += sum(
                    (line.amount for line in receipt.kept if not line.paid_by_card), Decimal(0)
                )
        return sorted(day for day, amount in paid.items() if basis == "visit" or amount > 0)

    def first_visit(self, day: date) -> Receipt:
        return next(receipt for receipt in self.receipts if receipt.kept and receipt.visit.day == day)

    def entry(self, start: date, end: date) -> Receipt | None:
        """What says where the unit belongs that has no day of the basis in a period: the first visit, else a return."""
        own = self.within(start, end)
        return min(own, key=lambda receipt: (receipt.visit.day, not receipt.kept, _order(receipt)), default=None)

    def within(self, start: date, end: date) -> list[Receipt]:
        return [receipt for receipt in self.receipts if start <= receipt.visit.day < end]


def _order(receipt: Receipt) -> tuple[object, ...]:
    visit = receipt.visit
    return (visit.start_time, visit.store.code, visit.pk) if receipt.kept else (receipt.place.pk, "", 0)


@read_once
def receipts(category: str | None = None, *, by_category: bool = False) -> list[Receipt]:
    found = []
    visits = Visit.objects.filter(voided_at=None).select_related("store")
    for visit in sorted(visits, key=lambda v: (v.day, v.start_time, v.store.code, v.pk)):
        lines = list(visit.lines.select_related("category", "service__category", "staff").order_by("id"))
        names = {line.current_category.name for line in lines}
        if category is not None:
            names &= {category}
        if category is None and not by_category:
            found.append(Receipt(visit, lines))
            continue
        found += [
            Receipt(visit, [one for one in lines if one.current_category.name == name], name) for name in sorted(names)
        ]
    return found


def members(question: Question, found: Iterable[Receipt]) -> dict[Unit, Member]:
    units: dict[Unit, Member] = defaultdict(Member)
    for receipt in found:
        if receipt.visit.client_id is not None:
            store = receipt.visit.store.code if question.scope == "store" else ""
            units[receipt.visit.client_id, store, receipt.category].receipts.append(receipt)
    return dict(units)


def of_question(question: Question) -> tuple[list[Receipt], dict[Unit, Member], dict[int, date]]:
    """Receipts, units, and each client's first day ever of the basis, at any store and in any category; without those
    whose record was opened before it."""
    found = receipts(question.category, by_category=question.by == "category")
    whole = members(Question(start=question.start, end=question.end), receipts())
    first_ever = {key[0]: days[0] for key, member in whole.items() if (days := member.days(question.basis))}
    joined = joined_days()
    new_on = {client: day for client, day in first_ever.items() if joined.get(client, day) >= day}
    return found, members(question, found), new_on


def group_of(by: str, receipt: Receipt, *, is_new: bool | None) -> str:
    place = receipt.place
    staff = next((line.staff.code if line.staff else "" for line in receipt.kept), "")
    found = {
        "none": "all",
        "city_tier": place.city_tier,
        "region": place.region,
        "city": place.city,
        "store_group": store_group(receipt.visit),
        "store": receipt.visit.store.code,
        "category": receipt.category,
        "member_tier": tier_code(receipt.visit) if receipt.visit.client_id else "",
        "acquisition": {True: "new", False: "returning", None: ""}[is_new],
        "staff": staff,
    }[by]
    return found or "(none)"


def volumes(question: Question) -> dict[str, dict[str, object]]:  # noqa: C901
    found, units, new_on = of_question(question)
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    ratings: dict[str, list[Fraction]] = defaultdict(list)

    def add(group: str, **more: int) -> None:
        for name, number in more.items():
            sums[group][name] += number

    for (client, _store, _category), member in units.items():
        own = member.within(question.start, question.end)
        days = [day for day in member.days(question.basis) if question.start <= day < question.end]
        is_new = bool(days) and days[0] == new_on.get(client)
        entry = member.first_visit(days[0]) if days else member.entry(question.start, question.end)
        if days and entry:
            add(group_of(question.by, entry, is_new=is_new), clients=1, new_clients=int(is_new))
        for day in days:
            add(_here(question.by, member.first_visit(day), entry, is_new), visit_days=1)
        for receipt in own:
            group = _here(question.by, receipt, entry, is_new)
            add(group, net_revenue=receipt.net, client_revenue=receipt.net, consumed_value=receipt.consumed)
            if receipt.kept and receipt.visit.day in days:
                add(group, visits=1)
                if receipt.rating is not None:
                    ratings[group].append(receipt.rating)
    for receipt in found:
        if receipt.visit.client_id is None and question.start <= receipt.visit.day < question.end:
            by = question.by if question.by not in ("staff", "member_tier", "acquisition") else ""
            group = group_of(by, receipt, is_new=None) if by else "(none)"
            add(group, net_revenue=receipt.net, consumed_value=receipt.consumed)
    return {group: _volumes_of(of_group, ratings[group]) for group, of_group in sums.items() if any(of_group.values())}


def _here(by: str, receipt: Receipt, entry: Receipt | None, is_new: bool) -> str:
    """Where it happened; by what a client is, the client's group."""
    whose = entry if by in ("staff", "member_tier") and entry else receipt
    return group_of(by, whose, is_new=is_new)


def _volumes_of(sums: dict[str, int], ratings: list[Fraction]) -> dict[str, object]:
    visits, clients, revenue = sums["visits"], sums["clients"], sums["client_revenue"]
    names = ("clients", "new_clients", "visits", "visit_days", "net_revenue", "client_revenue", "consumed_value")
    return {
        **{name: sums[name] for name in names},
        "average_visit": _rounded(Fraction(revenue, visits)) if visits else None,
        "average_client": _rounded(Fraction(revenue, clients)) if clients else None,
        "mean_rating": round(float(sum(ratings, Fraction(0)) / len(ratings)), 6) if ratings else None,
        "rated_visits": len(ratings),
    }


def _rounded(amount: Fraction) -> int:
    """A half away from 0."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def _whole(question: Question) -> dict[int, Member]:
    """Each client, at all stores and in all categories."""
    found = members(Question(start=question.start, end=question.end), receipts())
    return {client: member for (client, _store, _category), member in found.items()}


@dataclass
class Entered:
    """A unit with days in the period."""

    client: int
    member: Member
    days: list[date]
    own: list[Receipt]
    group: str
    is_new: bool

    @property
    def repeats(self) -> bool:
        return len(self.days) > 1


def entered(question: Question) -> list[Entered]:
    _found, units, new_on = of_question(question)
    result = []
    for (client, _store, _category), member in units.items():
        days = [day for day in member.days(question.basis) if question.start <= day < question.end]
        if days:
            is_new = days[0] == new_on.get(client)
            group = group_of(question.by, member.first_visit(days[0]), is_new=is_new)
            result.append(Entered(client, member, days, member.within(question.start, question.end), group, is_new))
    return result


def repeat_revenue(question: Question) -> dict[str, tuple[int, int, int, int]]:
    """Clients, those who repeat, revenue and that of those, by group: also of who only returned something."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    _found, units, _first = of_question(question)
    for one in entered(question):
        revenue = sum(receipt.net for receipt in one.own)
        more = (1, int(one.repeats), revenue, revenue if one.repeats else 0)
        sums[one.group] = [a + b for a, b in zip(sums[one.group], more, strict=True)]
    for member in units.values():
        entry = member.entry(question.start, question.end)
        has_day = any(question.start <= day < question.end for day in member.days(question.basis))
        if entry and not has_day:
            own = member.within(question.start, question.end)
            sums[group_of(question.by, entry, is_new=False)][2] += sum(receipt.net for receipt in own)
    return {group: tuple(values) for group, values in sums.items() if any(values)}  # type: ignore[misc]


def segments(question: Question, *, reading: str) -> dict[str, dict[str, tuple[int, int, int]]]:
    """By group and segment: clients, those who repeat, revenue."""
    end = question.start if reading == "year_before" else question.end
    since = end - timedelta(days=365)
    whole = _whole(question)
    sums: dict[str, dict[str, tuple[int, int, int]]] = defaultdict(lambda: defaultdict(lambda: (0, 0, 0)))
    for one in entered(question):
        window = whole[one.client].within(since, end)
        spent = sum(receipt.net for receipt in window)
        name = "high" if spent > HIGH else "mid" if spent >= MID else "potential"
        if reading == "year_before" and not any(receipt.kept for receipt in window):
            name = "new"
        clients, repeats, revenue = sums[one.group][name]
        own = sum(receipt.net for receipt in one.own)
        sums[one.group][name] = (clients + 1, repeats + one.repeats, revenue + own)
    return {group: dict(of_group) for group, of_group in sums.items()}


def cycles(question: Question) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"high": 0, "mid": 0, "low": 0})
    for one in entered(question):
        if one.repeats:
            mean = Fraction((one.days[-1] - one.days[0]).days, len(one.days) - 1)
            sums[one.group]["high" if mean <= 31 else "mid" if mean <= 92 else "low"] += 1
    return dict(sums)


def bands(question: Question, *, reading: str) -> dict[str, dict[str, tuple[int, int]]]:
    """By group and band: clients, and those who repeat."""
    sums: dict[str, dict[str, tuple[int, int]]] = defaultdict(lambda: defaultdict(lambda: (0, 0)))
    for one in entered(question):
        rated = [(receipt.visit.day, receipt.rating) for receipt in one.own]
        if reading == "mean_before_repeat" and one.repeats:
            rated = [(day, rating) for day, rating in rated if day < one.days[1]]
        ratings = [rating for _day, rating in rated if rating is not None]
        name = "unrated"
        if ratings:
            rating = ratings[0] if reading == "first_rating" else sum(ratings, Fraction(0)) / len(ratings)
            name = "4.8-5" if rating >= Fraction("4.8") else "4.5-4.8" if rating >= Fraction("4.5") else "below_4.5"
        clients, repeats = sums[one.group][name]
        sums[one.group][name] = (clients + 1, repeats + one.repeats)
    return {group: dict(of_group) for group, of_group in sums.items()}


@dataclass
class Cell:
    """Of a cohort: for each client the day in the column on which it was seen, or None; and the days followed."""

    seen: list[tuple[int | None, int]] = field(default_factory=list)


def cohorts(question: Question, as_of: date) -> dict[str, dict[str, tuple[int, dict[int, Cell]]]]:
    """By group and month: clients, and each column's cell."""
    result: dict[str, dict[str, tuple[int, dict[int, Cell]]]] = defaultdict(dict)
    for one in entered(question):
        ever = one.member.days(question.basis)
        if ever[0] != one.days[0]:
            continue
        clients, cells = result[one.group].get(f"{ever[0]:%Y-%m}", (0, {}))
        result[one.group][f"{ever[0]:%Y-%m}"] = clients + 1, cells
        for column in range(1, 100):
            begins = ever[0] + timedelta(days=30 * column)
            if begins > as_of:
                break
            followed = min((as_of - begins).days, 29)
            days = [(day - begins).days for day in ever if 0 <= (day - begins).days <= followed]
            cells.setdefault(column, Cell()).seen.append((days[0] if days else None, followed))
    return result
