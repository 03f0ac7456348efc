"""The clients behind a figure: who is counted, who came back, when and where."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from core.reporting.cells import category_id, member_tier_id
from core.reporting.places import Places
from core.reporting.report import NONE_KEY, Question
from core.reporting.streams import STREAMS
from core.staff.models import StaffMember

PAGE = 50


@dataclass(frozen=True)
class CountedClient:
    client_id: int
    name: str
    ref: str
    store: str
    first_day: date
    # None where the client has not come back in the period.
    back_day: date | None
    back_store: str | None


@dataclass(frozen=True)
class CountedClients:
    clients: int
    repeats: int
    listed: list[CountedClient]


def counted_clients(
    question: Question, *, group: str | None = None, back: bool | None = None, page: int = 1
) -> CountedClients:
    """The clients of the question's filters (by acquisition or staff: of that group), in the order of their first days;
    `back` keeps those who came back, or those who did not."""
    facts, params = _facts(question, group)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE back_day IS NOT NULL) FROM ({facts}) f",  # noqa: S608
            params,
        )
        clients, repeats = cursor.fetchone()
        wanted = "" if back is None else f"WHERE f.back_day IS {'NOT ' if back else ''}NULL"
        cursor.execute(
            f"""SELECT c.id, c.name, c.ref, here.name, f.day, f.back_day, there.name
                FROM (SELECT * FROM ({facts}) f {wanted} ORDER BY f.day, f.client_id, f.store_id
                      LIMIT %s OFFSET %s) f
                JOIN clients_client c ON c.id = f.client_id
                JOIN stores_store here ON here.id = f.store_id
                LEFT JOIN stores_storelocation back_at ON back_at.id = f.back_location_id
                LEFT JOIN stores_store there ON there.id = back_at.store_id
                ORDER BY f.day, f.client_id, f.store_id""",  # noqa: S608
            [*params, PAGE, (page - 1) * PAGE],
        )
        return CountedClients(clients, repeats, [CountedClient(*row) for row in cursor.fetchall()])


def _facts(question: Question, group: str | None) -> tuple[str, list[Any]]:
    """One row a client counted (scope store: a client and store)."""
    stream = STREAMS[question.scope, question.basis]
    conditions = ["category_id = %s", *stream.belongs, f"{stream.prev} < %s::date", "day >= %s::date", "day < %s::date"]
    params: list[Any] = [0 if question.category is None else category_id(question.category)]
    params += [question.start, question.start, question.end]
    if question.member_tier is not None:
        conditions.append("member_tier_id = %s")
        params.append(member_tier_id(question.member_tier))
    if any((question.region, question.city_tier, question.city, question.store)):
        conditions.append("location_id = ANY(%s::int[])")
        params.append(np.flatnonzero(Places().inside(question)).tolist())
    for condition, value in _of_group(question, group, stream.is_new):
        conditions.append(condition)
        params.append(value)
    text = f"""
        SELECT client_id, store_id, day,
               CASE WHEN {stream.next} < %s::date THEN {stream.next} END AS back_day,
               CASE WHEN {stream.next} < %s::date THEN {stream.next_location} END AS back_location_id
        FROM reporting_visitday WHERE {" AND ".join(conditions)}"""  # noqa: S608
    return text, [question.end, question.end, *params]


def _of_group(question: Question, group: str | None, is_new: str) -> list[tuple[str, Any]]:
    if group is None:
        return []
    if question.by == "acquisition":
        return [(f"{is_new} = %s::boolean", group == "new")]
    staff = None if group == NONE_KEY else StaffMember.objects.filter(code=group).values_list("id", flat=True).first()
    return [("staff_id = %s::int", staff or 0)]
