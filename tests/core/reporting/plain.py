"""M1 counted the plain way: straight over visits, from the words of the metric dictionary, in nothing but loops.

It shares no code with the product and is slow; property tests hold the product against it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from core.membership.models import ClientTier
from core.stores.models import StoreLocation
from core.visits.models import Visit, VisitLine


@dataclass
class Counts:
    clients: int = 0
    repeats: int = 0
    same_store: int = 0
    same_tier: int = 0
    same_staff: int = 0


def _kept_visits() -> list[Visit]:
    """Visits with a kept line, in the order "first visit of a day" is decided by."""
    lines = VisitLine.objects.select_related("category", "staff").order_by("id")
    visits = Visit.objects.filter(client__isnull=False, voided_at=None).select_related("store")
    found = []
    for visit in visits.prefetch_related(Prefetch("lines", queryset=lines)):
        visit.kept = [line for line in visit.lines.all() if line.quantity > 0]  # type: ignore[attr-defined]
        if visit.kept:  # type: ignore[attr-defined]
            found.append(visit)
    return sorted(found, key=lambda v: (v.day, v.start_time, v.store.code, v.pk))


def _location(store_id: int, day: date) -> StoreLocation:
    valid = [x for x in StoreLocation.objects.filter(store_id=store_id) if x.valid_from <= day]
    return max(valid, key=lambda x: x.valid_from)


def _tier_code(client_id: int, day: date) -> str:
    held = [
        t for t in ClientTier.objects.filter(client_id=client_id).select_related("tier") if t.valid_from <= day
    ]
    return max(held, key=lambda t: t.valid_from).tier.code if held else "(none)"


def _paid(lines: Iterable[VisitLine]) -> bool:
    return sum(line.amount for line in lines if not line.paid_by_card) > 0


def plain_m1(*, start: date, end: date, by: str, scope: str, basis: str, category: str | None = None) -> dict[str, Counts]:
    """Counts by group key; key `all` for `by="none"`."""
    visits = _kept_visits()
    # One pass a unit of counting: a client, in scope store with a store, by category with a category.
    units: dict[tuple[object, ...], dict[date, list[tuple[Visit, list[VisitLine]]]]] = defaultdict(lambda: defaultdict(list))
    for visit in visits:
        of_categories: dict[str | None, list[VisitLine]] = defaultdict(list)
        for line in visit.kept:  # type: ignore[attr-defined]
            if by == "category" or category is not None:
                if category is None or line.category.name == category:
                    of_categories[line.category.name].append(line)
            else:
                of_categories[None].append(line)
        for name, lines in of_categories.items():
            unit = (visit.client_id, visit.store_id if scope == "store" else None, name)
            units[unit][visit.day].append((visit, lines))

    first_ever: dict[int, date] = {}
    whole: dict[tuple[int, date], list[VisitLine]] = defaultdict(list)
    served: dict[tuple[int, int], set[date]] = defaultdict(set)
    for visit in visits:
        whole[visit.client_id, visit.day].extend(visit.kept)  # type: ignore[attr-defined]
        for line in visit.kept:  # type: ignore[attr-defined]
            if line.staff_id:
                served[visit.client_id, line.staff_id].add(visit.day)
    for (client, day), lines in sorted(whole.items()):
        if client not in first_ever and (basis == "visit" or _paid(lines)):
            first_ever[client] = day

    groups: dict[str, Counts] = defaultdict(Counts)
    for (client, _store, name), days in units.items():
        counted = sorted(
            day
            for day, parts in days.items()
            if start <= day < end and (basis == "visit" or _paid(line for _, lines in parts for line in lines))
        )
        if not counted:
            continue
        first_visit, first_lines = days[counted[0]][0]
        here = _location(first_visit.store_id, counted[0])
        staff = first_lines[0].staff
        key = {
            "none": "all",
            "city_tier": here.city_tier or "(none)",
            "region": here.region or "(none)",
            "city": here.city or "(none)",
            "store": first_visit.store.code,
            "category": name,
            "member_tier": _tier_code(client, counted[0]),
            "acquisition": "new" if first_ever[client] == counted[0] else "returning",
            "staff": staff.code if staff else "(none)",
        }[by]
        group = groups[str(key)]
        group.clients += 1
        if len(counted) < 2:
            continue
        group.repeats += 1
        second_visit, _lines = days[counted[1]][0]
        there = _location(second_visit.store_id, counted[1])
        if second_visit.store_id == first_visit.store_id:
            group.same_store += 1
        elif here.city_tier and there.city_tier == here.city_tier:
            group.same_tier += 1
        if staff and any(counted[0] < day < end for day in served[client, staff.pk]):
            group.same_staff += 1
    return dict(groups)
