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
    if question.by in KEPT_BREAKDOWNS and question.member_tier is None:
        period = kept_period(question.start, question.end, question.scope, question.basis)
        if period is not None:
            return _from_totals(question, period)
    return _from_facts(question)


def places_asked_for(question: Question) -> tuple[str, list[Any]]:
    """Condition on the store's location, and its parameters."""
    asked = {"here.region": question.region, "here.city_tier": question.city_tier, "here.city": question.city}
    conditions = [f"{column} = %s" for column, value in asked.items() if value is not None]
    # A store without such a place has an empty one.
    params: list[Any] = ["" if value == NONE_KEY else value for value in asked.values() if value is not None]
    if question.store is not None:
        conditions.append("here.store_id IN (SELECT id FROM stores_store WHERE code = %s)")
        params.append(question.store)
    return " AND ".join(conditions) or "true", params


def _from_totals(question: Question, period: int) -> list[CountedCell]:
    inside, params = places_asked_for(question)
    which = facts_asked_for(question)
    return _rows(
        f"""SELECT coalesce({GROUP_KEYS[question.by]}, ''), {inside} AS inside, lead_category_id, is_new, third,
                   sum(clients), sum(repeat_clients), sum(repeat_same_store), sum(repeat_same_tier), 0
            FROM reporting_periodtotal f JOIN stores_storelocation here ON here.id = f.location_id
            WHERE f.period_id = %s AND {which.text} GROUP BY 1, 2, 3, 4, 5 HAVING sum(clients) > 0""",  # noqa: S608
        [*params, period, *which.params],
    )


def _from_facts(question: Question) -> list[CountedCell]:
    extra = Sql(_EXTRA.get(question.by, ""), (question.end,) if question.by == "staff" else ())
    facts = first_days(
        question.scope,
        question.basis,
        start=question.start,
        end=question.end,
        which=facts_asked_for(question),
        extra=extra,
    )
    inside, inside_params = places_asked_for(question)
    same_staff = "coalesce(sum(clients) FILTER (WHERE repeats AND served_again), 0)" if question.by == "staff" else "0"
    return _rows(
        f"""SELECT coalesce({GROUP_KEYS[question.by]}, ''), {inside} AS inside, lead_category_id, is_new, third,
                   sum(clients), coalesce(sum(clients) FILTER (WHERE repeats), 0),
                   coalesce(sum(clients) FILTER (WHERE {SAME_STORE}), 0),
                   coalesce(sum(clients) FILTER (WHERE {SAME_TIER}), 0), {same_staff}
            FROM ({facts.text}) AS f {PLACES} GROUP BY 1, 2, 3, 4, 5""",  # noqa: S608
        [*inside_params, *facts.params],
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


def _rows(sql: str, params: list[Any]) -> list[CountedCell]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [
            CountedCell(key, inside, category, is_new, third, *(int(count) for count in counts))
            for key, inside, category, is_new, third, *counts in cursor.fetchall()
        ]
