"""What a merge would come to."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from core.merging.kinds import KINDS
from core.merging.models import Kind
from core.merging.services.labels import what
from core.merging.services.moving import moving_references
from core.shared.merged import Mergeable

# More than these are not offered by name.
OFFERED = 300


@dataclass(frozen=True)
class Moving:
    what: Promise | str
    count: int


def find_record(kind: str, text: str) -> Mergeable | None:
    """By code or number, else by a name that one of them alone has."""
    for condition in (Q(**{KINDS[kind].code: text}), Q(name__iexact=text)):
        found = list(KINDS[kind].present.filter(condition)[:2])
        if found:
            return found[0] if len(found) == 1 else None
    return None


def offered(kind: str, but: int) -> list[tuple[str, str]]:
    """Codes and names to choose from; of clients there are too many."""
    if kind == Kind.CLIENT:
        return []
    code = KINDS[kind].code
    return list(KINDS[kind].present.exclude(pk=but).order_by(code).values_list(code, "name")[:OFFERED])


def moving_records(gone: Mergeable) -> list[Moving]:
    """How many records of each table would move."""
    found: dict[str, Moving] = {}
    for field in moving_references(type(gone)):
        if field.name == "merged_into":
            continue
        count = QuerySet(field.model).filter(**{field.name: gone.pk}).count()
        if count:
            label = what(field.model)
            earlier = found.get(str(label))
            found[str(label)] = Moving(label, count + (earlier.count if earlier else 0))
    return list(found.values())


def visits_in_both(kind: str, keep: Mergeable, gone: Mergeable) -> int:
    """Visits that the two have alike, as a file that came in twice has them: they would count twice."""
    if kind not in {Kind.STORE, Kind.CLIENT}:
        return 0
    own, other = ("store_id", "client_id") if kind == Kind.STORE else ("client_id", "store_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM visits_visit g WHERE g.{own} = %s AND g.voided_at IS NULL AND EXISTS ("  # noqa: S608
            f"SELECT FROM visits_visit k WHERE k.{own} = %s AND k.day = g.day AND k.voided_at IS NULL "
            f"AND k.{other} IS NOT DISTINCT FROM g.{other} AND k.import_digest = g.import_digest)",
            [gone.pk, keep.pk],
        )
        return int(cursor.fetchone()[0])
