"""Makes one of two records: all that names the one comes to the other, and files that name it mean the other."""

from collections.abc import Callable

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.catalogue.models import Service, ServiceCategory
from core.catalogue.services.loading import lock_services
from core.clients.models import Client
from core.jobs.progress import Progress
from core.membership import trail
from core.merging.declaration import MERGE, Action
from core.merging.kinds import KINDS
from core.merging.models import Kind, Merge
from core.merging.services.filling import fill_in
from core.merging.services.labels import record_label
from core.merging.services.moving import move, moving_references
from core.merging.services.touched import announce, note_touched, recategorised
from core.shared.errors import AppError
from core.shared.locks import jobs_lock, lock_transaction
from core.shared.merged import Mergeable
from core.staff.models import StaffMember
from core.stores.models import Store

OnProgress = Callable[[Progress], None]


def merge_stores(*, keep: Store, gone: Store, acting_user: User | None) -> Merge:
    return merge_records(Kind.STORE, keep=keep.pk, gone=gone.pk, acting_user=acting_user)


def merge_staff(*, keep: StaffMember, gone: StaffMember, acting_user: User | None) -> Merge:
    return merge_records(Kind.STAFF, keep=keep.pk, gone=gone.pk, acting_user=acting_user)


def merge_services(*, keep: Service, gone: Service, acting_user: User | None) -> Merge:
    """Lines without a category of their own follow into that of the kept one."""
    return merge_records(Kind.SERVICE, keep=keep.pk, gone=gone.pk, acting_user=acting_user)


def merge_categories(*, keep: ServiceCategory, gone: ServiceCategory, acting_user: User | None) -> Merge:
    """Services of the one come to the other, with the lines that follow them."""
    return merge_records(Kind.CATEGORY, keep=keep.pk, gone=gone.pk, acting_user=acting_user)


def merge_clients(*, keep: Client, gone: Client, acting_user: User | None) -> Merge:
    """What is not known of the kept one is taken from the other."""
    return merge_records(Kind.CLIENT, keep=keep.pk, gone=gone.pk, acting_user=acting_user)


@transaction.atomic
def merge_records(
    kind: str,
    *,
    keep: int,
    gone: int,
    acting_user: User | None,
    on_progress: OnProgress = lambda _progress: None,
) -> Merge:
    """Raises AppError: no right, one of them is not there or was merged already, both are the same."""
    require_right(acting_user, MERGE)
    on_progress(Progress("waiting"))
    lock_transaction(jobs_lock())
    with connection.cursor() as cursor:
        kept, other = _locked(cursor, kind, keep, gone)
        on_progress(Progress("moving"))
        merge = Merge.objects.create(
            kind=kind,
            keep_id=keep,
            gone_id=gone,
            keep_label=record_label(kept),
            gone_label=record_label(other),
            merged_by=acting_user,
        )
        trail.remember(f"SELECT * FROM clients_client WHERE id = {keep if kind == Kind.CLIENT else 0:d}")  # noqa: S608
        merge.moved = _move_all(cursor, merge, kept, other)
        merge.filled = fill_in(kept, other)
        other.merged_into = kept
        other.save(update_fields=["merged_into"])
        merge.save(update_fields=["moved", "filled"])
        trail.record_changes(acting_user=acting_user)
        record(
            action=Action.MERGED,
            acting_user=acting_user,
            subject=kept,
            after={"gone": merge.gone_label, "moved": sum(merge.moved.values())},
        )
        on_progress(Progress("facts"))
        note_touched(cursor, merge)
        announce(cursor, recategorised(merge))
    return merge


def check_pair(keep: int, gone: int) -> None:
    if keep == gone:
        raise AppError("same_record", _("A record cannot be merged with itself: choose another."), field="keep")


def _locked(cursor: CursorWrapper, kind: str, keep: int, gone: int) -> tuple[Mergeable, Mergeable]:
    """Visits first, as whoever corrects one does; then as whoever records one."""
    check_pair(keep, gone)
    visits = KINDS[kind].visits
    cursor.execute(
        f"SELECT count(*) FROM (SELECT v.id FROM visits_visit v WHERE {visits} ORDER BY v.id FOR UPDATE) AS locked",  # noqa: S608
        [gone],
    )
    if kind == Kind.CATEGORY:
        services: QuerySet[Service] = QuerySet(Service).filter(category=gone)
        lock_services(cursor, list(services.values_list("pk", flat=True)))
    found = {one.pk: one for one in KINDS[kind].present.select_for_update().filter(pk__in=[keep, gone]).order_by("pk")}
    if len(found) < 2:
        message = _("One of the two is no longer there, or was merged already. Look at the list again.")
        raise AppError("unknown_record", message, field="keep", status=404)
    return found[keep], found[gone]


def _move_all(cursor: CursorWrapper, merge: Merge, keep: Mergeable, gone: Mergeable) -> dict[str, int]:
    moved: dict[str, int] = {}
    for field in moving_references(type(keep)):
        where = "true"
        if field.model is type(keep):
            # Who brought oneself.
            where = f"m.id <> {keep.pk:d}"
            move(cursor, merge, field, before=gone.pk, after=None, where=f"m.id = {keep.pk:d}")
        count = move(cursor, merge, field, before=gone.pk, after=keep.pk, where=where)
        if count:
            table = field.model._meta.db_table
            moved[table] = moved.get(table, 0) + count
    return moved
