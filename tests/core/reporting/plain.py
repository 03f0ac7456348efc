"""M1 counted the plain way: straight over visits, from the words of the metric dictionary, in nothing but loops.

It shares no code with the product and is slow; property tests hold the product against it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from core.clients.models import Client
from core.membership.models import ClientTier
from core.stores.models import StoreGroupMember, StoreLocation
from core.visits.models import Visit, VisitLine
from tests.core.reporting.reading_once import read_once

Part = tuple[Visit, list[VisitLine]]
# A client; in scope store with a store; by category with a category.
Unit = tuple[int, int | None, str | None]


@dataclass
class Counts:
    clients: int = 0
    repeats: int = 0
    same_store: int = 0
    same_tier: int = 0
    same_staff: int = 0


@dataclass(frozen=True)
class Followed:
    """A client: days to the return, where it was seen, and days followed."""

    gap: int | None
    days: int


def plain_m1(
    *, start: date, end: date, by: str, scope: str, basis: str, category: str | None = None
) -> dict[str, Counts]:
    """Counts by group key; key `all` for `by="none"`."""
    parts = _kept_parts()
    new_on = _new_days(parts, basis)
    served = {(v.client_id, line.staff_id, v.day) for v, lines in parts for line in lines if line.staff_id}
    groups: dict[str, Counts] = defaultdict(Counts)
    for (client, _store, name), days in _units(parts, by, scope, category).items():
        counted = sorted(
            day
            for day, of_day in days.items()
            if start <= day < end and (basis == "visit" or _paid(line for _, lines in of_day for line in lines))
        )
        if not counted:
            continue
        first_visit, first_lines = days[counted[0]][0]
        staff = first_lines[0].staff
        group = groups[_key(by, first_visit, first_lines, name, is_new=new_on.get(client) == counted[0])]
        group.clients += 1
        if len(counted) < 2:
            continue
        group.repeats += 1
        here, there = location(first_visit), location(days[counted[1]][0][0])
        if there.store_id == here.store_id:
            group.same_store += 1
        elif here.city_tier and there.city_tier == here.city_tier:
            group.same_tier += 1
        if staff and any((client, staff.pk, day) in served for day in _days_between(served, counted[0], end)):
            group.same_staff += 1
    return dict(groups)


def plain_m2(
    *,
    start: date,
    end: date,
    by: str,
    scope: str,
    basis: str,
    as_of: date,
    stale: Collection[str] = (),
    category: str | None = None,
) -> dict[str, list[Followed]]:
    """The clients of each group."""
    parts = _kept_parts()
    new_on = _new_days(parts, basis)
    groups: dict[str, list[Followed]] = defaultdict(list)
    for (client, _store, name), days in _units(parts, by, scope, category).items():
        of_basis = sorted(
            day for day, of_day in days.items() if basis == "visit" or _paid(line for _, ls in of_day for line in ls)
        )
        met = next((day for day in of_basis if start <= day < end), None)
        if met is None or met > as_of or days[met][0][0].store.code in stale:
            continue
        visit, lines = days[met][0]
        back = next((day for day in of_basis if met < day <= as_of), None)
        key = _key(by, visit, lines, name, is_new=new_on.get(client) == met)
        groups[key].append(Followed((back - met).days if back else None, (as_of - met).days))
    return dict(groups)


def plain_anonymous_share(*, start: date, end: date) -> float | None:
    """Of the lines of the period's visits, those of visits without a client."""
    lines = list(VisitLine.objects.filter(visit__voided_at=None, visit__day__gte=start, visit__day__lt=end))
    anonymous = sum(line.visit.client_id is None for line in lines)
    return anonymous / len(lines) if lines else None


@dataclass
class Sums:
    """What the dictionary adds up, in hundredths."""

    net_revenue: int = 0
    consumed_value: int = 0
    # Exact, in parts of a point: see `facts.derivation.RATING_UNIT`.
    ratings: int = 0
    rating_count: int = 0
    visits: int = 0
    is_visit: bool = False


def plain_sums() -> dict[tuple[int, str | None, date, int], Sums]:
    """By client, category (None: all together), day and store: revenue, consumed value and ratings."""
    sums: dict[tuple[int, str | None, date, int], Sums] = defaultdict(Sums)
    for visit in Visit.objects.filter(client__isnull=False, voided_at=None):
        lines = list(visit.lines.select_related("category", "service__category"))
        for name in (None, *{line.current_category.name for line in lines}):
            of_name = [line for line in lines if name is None or line.current_category.name == name]
            fact = sums[_client(visit), name, visit.day, visit.store_id]
            fact.net_revenue += sum(int(line.amount * 100) for line in of_name if not line.paid_by_card)
            fact.consumed_value += sum(int(line.amount * 100) for line in of_name if line.paid_by_card)
            kept = [line for line in of_name if line.quantity > 0]
            fact.is_visit |= bool(kept)
            fact.visits += bool(kept)
            ratings = [line.rating for line in kept if line.rating is not None]
            if ratings:
                fact.ratings += round(Fraction(sum(ratings, Decimal(0))) / len(ratings) * 25_200)
                fact.rating_count += 1
    return dict(sums)


@read_once
def _kept_parts() -> list[Part]:
    """Visits with their kept lines, in the order that decides which visit of a day is the first."""
    parts = []
    for visit in Visit.objects.filter(client__isnull=False, voided_at=None).select_related("store"):
        lines = [line for line in visit.lines.order_by("id") if line.quantity > 0]
        if lines:
            parts.append((visit, lines))
    return sorted(parts, key=lambda part: (part[0].day, part[0].start_time, part[0].store.code, part[0].pk))


def _units(parts: Iterable[Part], by: str, scope: str, category: str | None) -> dict[Unit, dict[date, list[Part]]]:
    units: dict[Unit, dict[date, list[Part]]] = defaultdict(lambda: defaultdict(list))
    for visit, lines in parts:
        of_categories: dict[str | None, list[VisitLine]] = defaultdict(list)
        for line in lines:
            if category is not None and line.current_category.name != category:
                continue
            by_category = by == "category" or category is not None
            of_categories[line.current_category.name if by_category else None].append(line)
        for name, kept in of_categories.items():
            unit = (_client(visit), visit.store_id if scope == "store" else None, name)
            units[unit][visit.day].append((visit, kept))
    return units


def _new_days(parts: Iterable[Part], basis: str) -> dict[int, date]:
    """Each client's first day ever of the basis; without those whose record was opened before it."""
    whole: dict[tuple[date, int], list[VisitLine]] = defaultdict(list)
    for visit, lines in parts:
        whole[visit.day, _client(visit)].extend(lines)
    first: dict[int, date] = {}
    for (day, client), lines in sorted(whole.items(), key=lambda item: item[0]):
        if client not in first and (basis == "visit" or _paid(lines)):
            first[client] = day
    joined = joined_days()
    return {client: day for client, day in first.items() if joined.get(client, day) >= day}


@read_once
def joined_days() -> dict[int, date]:
    """The day on which each client's record was opened, where it is known."""
    return {client.pk: client.joined_on for client in Client.known.all() if client.joined_on}


def _key(by: str, visit: Visit, lines: list[VisitLine], category: str | None, *, is_new: bool) -> str:
    here = location(visit)
    found = {
        "none": "all",
        "city_tier": here.city_tier,
        "region": here.region,
        "city": here.city,
        "store_group": store_group(visit),
        "store": visit.store.code,
        "category": category,
        "member_tier": tier_code(visit),
        "acquisition": "new" if is_new else "returning",
        "staff": lines[0].staff.code if lines[0].staff else "",
    }[by]
    return found or "(none)"


def _client(visit: Visit) -> int:
    assert visit.client_id is not None
    return visit.client_id


@read_once
def location(visit: Visit) -> StoreLocation:
    """Where its store was on its day."""
    valid = [place for place in StoreLocation.objects.filter(store=visit.store_id) if place.valid_from <= visit.day]
    return max(valid, key=lambda place: place.valid_from)


@read_once
def store_group(visit: Visit) -> str:
    """The names of the groups that its store was in on its day, joined by a plus."""
    own = StoreGroupMember.objects.filter(store=visit.store_id).select_related("group")
    there = [
        one for one in own if one.valid_from <= visit.day and not (one.valid_until and visit.day >= one.valid_until)
    ]
    return "+".join(sorted(one.group.name for one in there))


@read_once
def tier_code(visit: Visit) -> str:
    held = [t for t in ClientTier.objects.filter(client=visit.client_id) if t.valid_from <= visit.day]
    return max(held, key=lambda t: t.valid_from).tier.code if held else ""


def _paid(lines: Iterable[VisitLine]) -> bool:
    return sum(line.amount for line in lines if not line.paid_by_card) > 0


def _days_between(served: Iterable[tuple[int | None, int, date]], after: date, before: date) -> Iterator[date]:
    return (day for day in sorted({day for _, _, day in served}) if after < day < before)
