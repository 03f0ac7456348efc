"""The clients behind a figure: who is counted, who came back, when and where."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core.reporting.cells import facts_asked_for, places_asked_for
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
    which = facts_asked_for(question)
    inside = places_asked_for(question)
    of_group, group_params = _of_group(question, group)
    text = f"""
        SELECT f.* FROM (
            SELECT client_id, store_id, day, location_id, staff_id, {stream.is_new} AS is_new,
                   CASE WHEN {stream.next} < %s::date THEN {stream.next} END AS back_day,
                   CASE WHEN {stream.next} < %s::date THEN {stream.next_location} END AS back_location_id
            FROM reporting_visitday
            WHERE {which.text} AND {stream.belongs} AND day >= %s::date AND day < %s::date
                  AND {stream.prev} < %s::date
        ) f JOIN stores_storelocation here ON here.id = f.location_id
        WHERE {inside.text} AND {of_group}"""  # noqa: S608
    ends = [question.end, question.end]
    return text, [*ends, *which.params, question.start, question.end, question.start, *inside.params, *group_params]


def _of_group(question: Question, group: str | None) -> tuple[str, list[Any]]:
    if group is None:
        return "true", []
    if question.by == "acquisition":
        return "f.is_new = %s::boolean", [group == "new"]
    if group == NONE_KEY:
        return "f.staff_id = 0", []
    staff = StaffMember.objects.filter(code=group).values_list("id", flat=True).first()
    return "f.staff_id = %s::int", [staff or 0]
