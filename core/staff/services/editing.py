"""Correcting what is known of a staff member, and deleting one who was made by mistake."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.shared.errors import AppError
from core.shared.merged import delete_unnamed, free_code, is_named, keep_code
from core.shared.record_locks import lock_record
from core.staff.declaration import MANAGE_STAFF, Action
from core.staff.models import StaffMember

FIELDS = ("code", "name", "store", "role", "phone", "email", "hired_on")


def change_staff(*, staff_id: int, values: Mapping[str, Any], acting_user: User | None) -> StaffMember:
    """`values` are of FIELDS. Files that name the staff member by the former code mean the same person still.

    Raises AppError: no right, no such staff member, one whom an import is using, a code that another has or had.
    """
    require_right(acting_user, MANAGE_STAFF)
    try:
        with transaction.atomic():
            member = _locked(staff_id)
            before, code = _told(member), member.code
            free_code(member, code=values["code"])
            for name in FIELDS:
                setattr(member, name, values[name])
            member.save(update_fields=FIELDS)
            if member.code != code:
                keep_code(member, code=code, name=code, store=member.store)
            record(
                action=Action.STAFF_CHANGED,
                acting_user=acting_user,
                subject=member,
                before=before,
                after=_told(member),
            )
    except IntegrityError as error:
        message = _("“%s” is the code of another staff member, or was before a merge or a change.")
        raise AppError("code_taken", message % values["code"], field="code", status=409) from error
    return member


def delete_staff(*, staff_id: int, acting_user: User) -> None:
    """Raises AppError: no right, no such staff member, one whom an import is using, one who has records."""
    require_right(acting_user, MANAGE_STAFF)
    with transaction.atomic():
        member = _locked(staff_id)
        if is_named(member):
            message = _("This staff member has visits or appointments, so the record cannot be deleted.")
            raise AppError("staff_has_records", message, status=409)
        record(action=Action.STAFF_DELETED, acting_user=acting_user, subject=member, before=_told(member))
        delete_unnamed(member)


def _locked(staff_id: int) -> StaffMember:
    message = _("An import is using this staff member. Try again when it has finished.")
    in_use = AppError("in_use", message, status=409)
    member = lock_record(StaffMember.objects.filter(pk=staff_id), in_use)
    if member is None:
        raise AppError("unknown_staff", _("There is no such staff member."), status=404)
    return member


def _told(member: StaffMember) -> dict[str, Any]:
    """For the audit trail."""
    plain = {name: getattr(member, name) for name in FIELDS if name not in {"code", "store"}}
    return {"staff_code": member.code, **plain, "store": member.store.name}
