"""Counts of clients and repeat clients by group and stratum, read from kept sums or from facts."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core.catalogue.models import ServiceCategory
from core.membership.models import MemberTier
from core.reporting.report import NONE_KEY, Breakdown, Question
from core.reporting.services.totals import kept_period
from core.reporting.streams import PLACES, SAME_STORE, SAME_TIER, Sql, first_days
from core.shared.errors import AppError

# Kept sums tell these apart; other breakdowns are read from facts.
KEPT_BREAKDOWNS: frozenset[Breakdown] = frozenset(
    {"none", "city_tier", "region", "city", "store", "category", "acquisition"}
)

# What a group's key is made of: a column of the store's location (here) or of the fact.
GROUP_KEYS: dict[Breakdown, str] = {
    "none": "'all'",
    "city_tier": "here.city_tier",
    "region": "here.region",
    "city": "here.city",
    "store": "here.store_id::text",
    "acquisition": "CASE WHEN f.is_new THEN 'new' ELSE 'returning' END",
    "category": "f.category_id::text",
    "member_tier": "nullif(f.member_tier_id, 0)::text",
    "staff": "nullif(f.staff_id, 0)::text",
}
# What the facts must be counted by besides, for these breakdowns.
_EXTRA: dict[Breakdown, str] = {
    "category": "category_id AS category_id,",
    "member_tier": "member_tier_id AS member_tier_id,",
    "staff": "staff_id AS staff_id, staff_next < %s AS served_again,",
}


@dataclass(frozen=True, slots=True)
class CountedCell:
    """Clients alike in group and stratum. `inside`: whether they belong to the places asked for."""

    key: str
    inside: bool
    category_id: int
    is_new: bool
    third: int
    clients: int
    repeats: int
    same_store: int
    same_tier: int
    same_staff: int


def counted_cells(question: Question) -> list[CountedCell]:
    """Cells of the question; keys of stores, categories, tiers and staff are ids, empty for none.

    Raises AppError for a category or member tier that the chain does not have.
    """
    source, inside = _source(question), places_asked_for(question)
    rows = _rows(
        f"""SELECT {GROUP_KEYS[question.by]}, {inside.text}, lead_category_id, is_new, third,
                   sum(clients), sum(repeat_clients), sum(same_store), sum(same_tier), sum(same_staff)
            FROM ({source.text}) AS f JOIN stores_storelocation here ON here.id = f.location_id
            GROUP BY 1, 2, 3, 4, 5 HAVING sum(clients) > 0""",  # noqa: S608
        [*inside.params, *source.params],
    )
    return [
        CountedCell(key or "", within, category, is_new, third, *(int(count) for count in counts))
        for key, within, category, is_new, third, *counts in rows
    ]


def group_counts(question: Question) -> dict[str, tuple[int, int]]:
    """Repeat clients and clients of each group, of the places asked for alone; quicker where no strata are wanted."""
    source, inside = _source(question), places_asked_for(question)
    rows = _rows(
        f"""SELECT {GROUP_KEYS[question.by]}, sum(repeat_clients), sum(clients)
            FROM ({source.text}) AS f JOIN stores_storelocation here ON here.id = f.location_id
            WHERE {inside.text} GROUP BY 1 HAVING sum(clients) > 0""",  # noqa: S608
        [*source.params, *inside.params],
    )
    return {key or "": (int(repeats), int(clients)) for key, repeats, clients in rows}


def _source(question: Question) -> Sql:
    """Counts by place and stratum, from kept sums where there are any."""
    if question.by in KEPT_BREAKDOWNS and question.member_tier is None:
        period = kept_period(question.start, question.end, question.scope, question.basis)
        if period is not None:
            which = facts_asked_for(question)
            return Sql(
                f"""SELECT category_id, location_id, lead_category_id, is_new, third, clients, repeat_clients,
                           repeat_same_store AS same_store, repeat_same_tier AS same_tier, 0 AS same_staff
                    FROM reporting_periodtotal WHERE period_id = %s AND {which.text}""",  # noqa: S608
                (period, *which.params),
            )
    return _from_facts(question)


def places_asked_for(question: Question) -> Sql:
    """Condition on the store's location."""
    asked = {"here.region": question.region, "here.city_tier": question.city_tier, "here.city": question.city}
    conditions = [f"{column} = %s" for column, value in asked.items() if value is not None]
    # A store without such a place has an empty one.
    params: list[Any] = ["" if value == NONE_KEY else value for value in asked.values() if value is not None]
    if question.store is not None:
        conditions.append("here.store_id IN (SELECT id FROM stores_store WHERE code = %s)")
        params.append(question.store)
    return Sql(" AND ".join(conditions) or "true", tuple(params))


def _from_facts(question: Question) -> Sql:
    by_staff = question.by == "staff"
    facts = first_days(
        question.scope,
        question.basis,
        start=question.start,
        end=question.end,
        which=facts_asked_for(question),
        extra=Sql(_EXTRA.get(question.by, ""), (question.end,) if by_staff else ()),
    )
    return Sql(
        f"""SELECT f.*, CASE WHEN repeats THEN clients ELSE 0 END AS repeat_clients,
                   CASE WHEN {SAME_STORE} THEN clients ELSE 0 END AS same_store,
                   CASE WHEN {SAME_TIER} THEN clients ELSE 0 END AS same_tier,
                   CASE WHEN {"repeats AND served_again" if by_staff else "false"} THEN clients ELSE 0 END AS same_staff
            FROM ({facts.text}) AS f {PLACES}""",  # noqa: S608
        facts.params,
    )


def facts_asked_for(question: Question) -> Sql:
    """Facts of all categories together, of each, or of one; of the clients who held a tier that day."""
    params: list[Any] = []
    condition = "category_id <> 0" if question.by == "category" else "category_id = 0"
    if question.category is not None:
        condition = "category_id = %s"
        params.append(_category_id(question.category))
    if question.member_tier is not None:
        condition += " AND member_tier_id = %s"
        params.append(_member_tier_id(question.member_tier))
    return Sql(condition, tuple(params))


def _category_id(name: str) -> int:
    found = ServiceCategory.objects.filter(name=name).values_list("id", flat=True).first()
    if found is None:
        raise AppError("unknown_category", _("There is no category “%s”.") % name, field="category")
    return found


def _member_tier_id(code: str) -> int:
    if code == "(none)":
        return 0
    found = MemberTier.objects.filter(code=code).values_list("id", flat=True).first()
    if found is None:
        raise AppError("unknown_member_tier", _("There is no member tier “%s”.") % code, field="member_tier")
    return found


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
