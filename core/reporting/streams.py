"""The streams of days that rates are counted on: of a client in the chain or in a store, by visit or by purchase."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.reporting.report import Basis, Scope


@dataclass(frozen=True)
class Stream:
    """Which columns of a fact (see `models.VisitDay`) make up a stream."""

    belongs: str
    is_new: str
    prev: str
    next: str
    next_location: str


STREAMS: dict[tuple[Scope, Basis], Stream] = {
    ("chain", "visit"): Stream(
        "is_lead", "is_first_visit", "chain_visit_prev", "chain_visit_next", "chain_visit_next_location_id"
    ),
    ("chain", "purchase"): Stream(
        "is_lead AND is_chain_purchase",
        "is_first_purchase",
        "chain_purchase_prev",
        "chain_purchase_next",
        "chain_purchase_next_location_id",
    ),
    ("store", "visit"): Stream("true", "is_first_visit", "store_visit_prev", "store_visit_next", "location_id"),
    ("store", "purchase"): Stream(
        "is_store_purchase", "is_first_purchase", "store_purchase_prev", "store_purchase_next", "location_id"
    ),
}


@dataclass(frozen=True)
class Sql:
    """A piece of a statement and its parameters."""

    text: str = ""
    params: tuple[Any, ...] = ()


ALL_CATEGORIES = Sql("category_id = 0")


def first_days(
    scope: Scope, basis: Basis, *, start: date, end: date, which: Sql = ALL_CATEGORIES, extra: Sql = Sql()
) -> Sql:
    """The first day of each client of the stream in [start, end), those alike counted together.

    A query with the columns location_id, lead_category_id, is_new, third, repeats, next_location_id (where it repeats),
    then `extra` (columns of the fact, each `… AS name,`), then `clients`. `which` says which facts: a condition that
    tells those of all categories from those of one, unless `extra` keeps the categories apart.
    """
    stream = STREAMS[scope, basis]
    names = "".join(f", {column.split()[-1]}" for column in extra.text.split(",") if column.strip())
    return Sql(
        f"""
        SELECT location_id, lead_category_id, {stream.is_new} AS is_new,
               (day - %s::date) * 3 / (%s::date - %s::date) AS third,
               {stream.next} < %s::date AS repeats,
               CASE WHEN {stream.next} < %s::date THEN {stream.next_location} END AS next_location_id,
               {extra.text} count(*) AS clients
        FROM reporting_visitday
        WHERE {which.text} AND {stream.belongs} AND day >= %s::date AND day < %s::date
              AND {stream.prev} < %s::date
        GROUP BY location_id, lead_category_id, is_new, third, repeats, next_location_id {names}""",  # noqa: S608
        (start, end, start, end, end, *extra.params, *which.params, start, end, start),
    )


# A repeat at the same store; at another store of the same city tier (a store without a tier has no such other).
SAME_STORE = "(repeats AND there.store_id = here.store_id)"
SAME_TIER = (
    "(repeats AND there.store_id <> here.store_id AND here.city_tier <> '' AND there.city_tier = here.city_tier)"
)
PLACES = """
    JOIN stores_storelocation here ON here.id = f.location_id
    LEFT JOIN stores_storelocation there ON there.id = f.next_location_id"""
