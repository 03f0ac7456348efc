"""Clients who look like the same person, and the word of someone who knows that two are not."""

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import Subject, record
from core.clients.declaration import Kind as ClientKind
from core.clients.models import Client
from core.clients.titles import without_title
from core.merging.declaration import MERGE, Action
from core.merging.models import DifferentClients
from core.shared.errors import AppError
from core.shared.locks import lock_chain

# A phone of more clients than these is a family's, or the store's own.
MOST_ALIKE = 5
SHOWN = 50
REASONS: dict[str, Promise] = {
    "phone": gettext_lazy("the same phone"),
    "name": gettext_lazy("the same name and birthday"),
}
_DIGITS = "right(regexp_replace({0}.phone, '[^0-9]', '', 'g'), 11)"
_ALIKE = f"HAVING count(*) BETWEEN 2 AND {MOST_ALIKE}"


def _bare(client: str) -> str:
    return f"upper(regexp_replace({without_title(f'{client}.name')}, '[[:space:]]', '', 'g'))"


_FOUND = f"""
    WITH alike AS (
        SELECT 'phone' AS reason, array_agg(c.id) AS ids FROM clients_client c
        WHERE c.merged_into_id IS NULL AND c.phone <> '' AND position('*' in c.phone) = 0
        AND length({_DIGITS.format("c")}) >= 7 GROUP BY {_DIGITS.format("c")} {_ALIKE}
        UNION ALL
        SELECT 'name', array_agg(c.id) FROM clients_client c
        WHERE c.merged_into_id IS NULL AND c.name <> '' AND c.birth_date IS NOT NULL
        GROUP BY {_bare("c")}, c.birth_date {_ALIKE}
    )
    SELECT l.id AS first_id, r.id AS second_id, reason FROM alike
    CROSS JOIN unnest(ids) AS l (id) CROSS JOIN unnest(ids) AS r (id) WHERE l.id < r.id"""  # noqa: S608
# Those that were found and are alike still.
PAIRS = f"""
    SELECT a.first_id, a.second_id, min(a.reason) FROM merging_alikeclients a
    JOIN clients_client l ON l.id = a.first_id AND l.merged_into_id IS NULL
    JOIN clients_client r ON r.id = a.second_id AND r.merged_into_id IS NULL
    WHERE CASE a.reason WHEN 'phone' THEN {_DIGITS.format("l")} = {_DIGITS.format("r")}
          ELSE {_bare("l")} = {_bare("r")} AND l.birth_date = r.birth_date END
    AND NOT EXISTS (
        SELECT FROM merging_differentclients d WHERE d.first_id = a.first_id AND d.second_id = a.second_id)
    GROUP BY a.second_id, a.first_id ORDER BY a.second_id DESC, a.first_id LIMIT {SHOWN}"""  # noqa: S608


def find_alike() -> None:
    """Looks all clients through, which takes seconds of a large chain: the page shows what was found last."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_chain("alike clients")
        cursor.execute(f"CREATE TEMP TABLE alike_found ON COMMIT DROP AS {_FOUND}")
        same = "a.first_id = f.first_id AND a.second_id = f.second_id AND a.reason = f.reason"
        cursor.execute(
            f"DELETE FROM merging_alikeclients a WHERE NOT EXISTS (SELECT FROM alike_found f WHERE {same})"  # noqa: S608
        )
        cursor.execute(
            "INSERT INTO merging_alikeclients (first_id, second_id, reason) SELECT * FROM alike_found f "  # noqa: S608
            f"WHERE NOT EXISTS (SELECT FROM merging_alikeclients a WHERE {same})"
        )
        cursor.execute("DROP TABLE alike_found")


@dataclass(frozen=True)
class Person:
    client: Client
    visits: int
    last: date | None


@dataclass(frozen=True)
class Proposal:
    """`keep` is the one with more visits."""

    keep: Person
    gone: Person
    reason: Promise


def proposals() -> list[Proposal]:
    """The newest, at most SHOWN."""
    with connection.cursor() as cursor:
        cursor.execute(PAIRS)
        pairs = cursor.fetchall()
    wanted = {pk for first, second, _reason in pairs for pk in (first, second)}
    rows = Client.objects.filter(pk__in=wanted).annotate(visit_count=Count("visits"), last_visit=Max("visits__day"))
    people = {one.pk: Person(one, one.visit_count, one.last_visit) for one in rows.select_related("ref_store")}
    found = []
    for first, second, reason in pairs:
        keep, gone = sorted((people[first], people[second]), key=lambda one: -one.visits)
        found.append(Proposal(keep, gone, REASONS[reason]))
    return found


def say_different(*, first: int, second: int, acting_user: User) -> None:
    """They are not proposed again. Raises AppError: no right, one of them is not there."""
    require_right(acting_user, MERGE)
    one, other = sorted((first, second))
    people = {client.pk: client for client in Client.objects.filter(pk__in=[one, other])}
    if len(people) < 2:
        raise AppError("unknown_client", _("There is no such client."), status=404)
    _said, is_new = DifferentClients.objects.get_or_create(first_id=one, second_id=other)
    if is_new:
        subject = Subject(ClientKind.CLIENT, str(one), str(people[one]))
        after = {"other": f"{people[other]} ({people[other].ref})"}
        record(action=Action.SAID_DIFFERENT, acting_user=acting_user, subject=subject, after=after)
