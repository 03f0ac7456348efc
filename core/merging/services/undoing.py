"""Takes a merge back as one deed: what it moved goes back, what was changed since is kept and listed."""

from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import ForeignKey, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.catalogue.services.loading import lock_services
from core.jobs.progress import Progress
from core.membership import trail
from core.merging.declaration import MERGE, Action
from core.merging.kinds import KINDS
from core.merging.models import Kind, Merge, MovedRecords
from core.merging.services.filling import empty_again
from core.merging.services.labels import record_label
from core.merging.services.merging import OnProgress
from core.merging.services.moving import is_free
from core.merging.services.touched import announce, note_touched, recategorised
from core.shared.entitlements import require_room
from core.shared.errors import AppError
from core.shared.locks import jobs_lock, lock_transaction
from core.shared.merged import Mergeable
from core.staff.models import StaffMember
from core.stores.models import Store

# More than these are counted, not listed.
LISTED = 200


@transaction.atomic
def undo_merge(merge_id: int, *, acting_user: User | None, on_progress: OnProgress = lambda _progress: None) -> Merge:
    """Raises AppError where there is nothing to take back, or the kept record was merged into another since."""
    require_right(acting_user, MERGE)
    on_progress(Progress("waiting"))
    lock_transaction(jobs_lock())
    merge = Merge.objects.select_for_update().filter(pk=merge_id).first()
    if merge is None:
        raise AppError("unknown_merge", _("There is no such merge."), status=404)
    on_progress(Progress("taking_back"))
    with connection.cursor() as cursor:
        gone = _locked(cursor, merge)
        merge.undo = _compare(cursor, merge)
        note_touched(cursor, merge)
        services = recategorised(merge)
        trail.remember(f"SELECT * FROM clients_client WHERE id IN ({_clients(merge)})")  # noqa: S608
        for moved in _moved(merge):
            _put_back(cursor, moved)
        empty_again(KINDS[merge.kind].records.get(pk=merge.keep_id), merge.filled)
        gone.merged_into = None
        gone.save(update_fields=["merged_into"])
        if merge.kind == Kind.STORE:
            require_room("stores", Store.objects.open().count)
        elif merge.kind == Kind.STAFF:
            require_room("staff", StaffMember.objects.count)
        trail.record_changes(acting_user=acting_user)
        _conclude(merge, acting_user)
        on_progress(Progress("facts"))
        announce(cursor, services)
    return merge


def preview_undo(merge: Merge) -> dict[str, Any]:
    """What it would come to, with nothing changed."""
    refuse_undo(merge)
    with transaction.atomic(), connection.cursor() as cursor:
        return _compare(cursor, merge)


def refuse_undo(merge: Merge) -> None:
    if merge.undone_at is not None:
        raise AppError("already_undone", _("This merge has been taken back already."), status=409)
    records = KINDS[merge.kind].records
    gone = records.filter(pk=merge.gone_id).first()
    if gone is None or not records.filter(pk=merge.keep_id).exists():
        raise AppError("removed", _("One of the two records has been removed since."), status=409)
    if gone.merged_into is None or gone.merged_into.pk != merge.keep_id:
        message = _("“%s” was merged into another since. Take that merge back first.")
        raise AppError("merged_again", message % merge.keep_label, status=409)


def _locked(cursor: CursorWrapper, merge: Merge) -> Mergeable:
    """As merging locks them."""
    cursor.execute(
        "SELECT count(*) FROM (SELECT id FROM visits_visit WHERE id IN ("
        "SELECT unnest(ids) FROM merging_movedrecords WHERE merge_id = %s AND \"table\" = 'visits_visit' "
        "UNION SELECT l.visit_id FROM merging_movedrecords r CROSS JOIN unnest(r.ids) AS moved (id) "
        "JOIN visits_visitline l ON l.id = moved.id WHERE r.merge_id = %s AND r.\"table\" = 'visits_visitline'"
        ") ORDER BY id FOR UPDATE) AS locked",
        [merge.pk, merge.pk],
    )
    lock_services(cursor, recategorised(merge))
    both = KINDS[merge.kind].records.filter(pk__in=[merge.keep_id, merge.gone_id]).order_by("pk")
    found: dict[int, Mergeable] = {one.pk: one for one in both.select_for_update()}
    refuse_undo(merge)
    return found[merge.gone_id]


def _moved(merge: Merge) -> "QuerySet[MovedRecords]":
    return MovedRecords.objects.filter(merge=merge).order_by("-pk")


def _compare(cursor: CursorWrapper, merge: Merge) -> dict[str, Any]:
    """Into the table `unmerged`: what would go back, and what not for which reason."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.unmerged")
    cursor.execute('CREATE TEMP TABLE unmerged (moved bigint, "table" text, id bigint, reason text) ON COMMIT DROP')
    for moved in _moved(merge).defer("ids"):
        field = _field(moved)
        if field is None:
            continue
        target = field.related_model._meta.db_table
        cursor.execute(
            "INSERT INTO unmerged SELECT %s, %s, m.id, "  # noqa: S608
            f"CASE WHEN m.{field.column} IS DISTINCT FROM %s THEN 'changed' "
            f"WHEN NOT EXISTS (SELECT FROM {target} t WHERE t.id = %s) THEN 'gone' "
            f"WHEN NOT ({is_free(field, f'{moved.before:d}')}) THEN 'taken' END "
            f"FROM {moved.table} m WHERE m.id IN (SELECT unnest(ids) FROM merging_movedrecords WHERE id = %s)",
            [moved.pk, moved.table, moved.after, moved.before, moved.pk],
        )
    cursor.execute(
        "SELECT count(*) FILTER (WHERE reason IS NULL), count(reason) "
        'FROM (SELECT max(reason) AS reason FROM unmerged GROUP BY "table", id) AS records'
    )
    restored, kept = cursor.fetchone()
    return {"restored": restored, "kept": kept, "records": _listed(cursor)}


def _put_back(cursor: CursorWrapper, moved: MovedRecords) -> None:
    field = _field(moved)
    if field is not None:
        cursor.execute(
            f"UPDATE {moved.table} m SET {field.column} = %s "  # noqa: S608
            "FROM unmerged u WHERE u.moved = %s AND u.reason IS NULL AND u.id = m.id",
            [moved.before, moved.pk],
        )


def _clients(merge: Merge) -> str:
    return f"{merge.keep_id:d}, {merge.gone_id:d}" if merge.kind == Kind.CLIENT else "0"


def _conclude(merge: Merge, acting_user: User | None) -> None:
    merge.undone_at, merge.undone_by = timezone.now(), acting_user
    merge.save(update_fields=["undo", "undone_at", "undone_by"])
    MovedRecords.objects.filter(merge=merge).delete()
    keep = KINDS[merge.kind].records.get(pk=merge.keep_id)
    after = {"gone": merge.gone_label, **{name: (merge.undo or {})[name] for name in ("restored", "kept")}}
    record(action=Action.UNMERGED, acting_user=acting_user, subject=keep, after=after)


def _field(moved: MovedRecords) -> "ForeignKey[Any, Any] | None":
    """None where a later release has no such table or column."""
    for model in apps.get_models():
        if model._meta.db_table == moved.table:
            fields = (one for one in model._meta.concrete_fields if one.column == moved.column)
            return next((one for one in fields if isinstance(one, ForeignKey)), None)
    return None


def _listed(cursor: CursorWrapper) -> list[dict[str, str]]:
    cursor.execute(
        'SELECT "table", id, max(reason) FROM unmerged WHERE reason IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 LIMIT %s',
        [LISTED],
    )
    reasons: dict[str, dict[int, str]] = {}
    for table, pk, reason in cursor.fetchall():
        reasons.setdefault(table, {})[pk] = reason
    listed = []
    for model in apps.get_models():
        of_table = reasons.get(model._meta.db_table, {})
        objects: QuerySet[Model] = QuerySet(model).filter(pk__in=of_table).order_by("pk") if of_table else []  # type: ignore[assignment]
        listed += [
            {"table": model._meta.db_table, "label": record_label(one), "reason": of_table[one.pk]} for one in objects
        ]
    return listed
