"""Writes audit entries. Services call it within their transaction, so that a rollback removes the entry too."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

from core.accounts.models import User
from core.audit.actions import AuditAction, SubjectKind
from core.audit.models import AuditEntry
from core.shared.origin import current_origin

COMMAND_LINE = "command line"
HIDDEN = "•••"
# Fields with such a name are masked, whatever they hold.
_SECRET = re.compile(
    r"passw|secret|token|otp|recovery|credential|session|api_?key|private_?key|digest|hash", re.IGNORECASE
)
MAX_TEXT = 500
MAX_ITEMS = 50

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """The subject of an entry that is no row of the chain."""

    type: str
    id: str = ""
    label: str = ""


def record(
    *,
    action: AuditAction,
    acting_user: User | None = None,
    subject: Model | Subject | None = None,
    before: Fields | None = None,
    after: Fields | None = None,
) -> None:
    """Adds a row. Of `before` and `after`, fields that are the same in both are left out; where both are given and
    nothing differs, nothing was done and no row is added. Without a user it was the command line or an operator.
    """
    if before is not None and after is not None:
        before, after = _changed_only(before, after)
        if not before and not after:
            return
    origin, about = current_origin(), _as_subject(subject)
    AuditEntry.objects.create(
        user_id=acting_user.pk if acting_user else None,
        actor=_actor(acting_user, origin.operator),
        action=action,
        subject_type=about.type,
        subject_id=about.id,
        subject_label=about.label[:200],
        before=_sanitized(before),
        after=_sanitized(after),
        ip=origin.ip,
        device=origin.device,
    )


def record_each(*, action: AuditAction, acting_user: User | None, kind: SubjectKind, changes: str) -> int:
    """Adds a row for each row of `changes`, a query that gives `id`, `label`, `before` and `after` of objects that were
    changed as a set; the two are JSON, of fields that differ. Returns how many."""
    origin = current_origin()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditentry (at, user_id, actor, action, subject_type, subject_id, subject_label, "  # noqa: S608
            "before, after, ip, device) SELECT now(), %s::bigint, %s::text, %s::text, %s::text, changed.id::text, "
            f"left(changed.label, 200), changed.before, changed.after, %s::inet, %s::text FROM ({changes}) AS changed",
            [
                acting_user.pk if acting_user else None,
                _actor(acting_user, origin.operator),
                str(action),
                str(kind),
                origin.ip,
                origin.device,
            ],
        )
        return int(cursor.rowcount)


def changed_fields(instance: Model, *names: str) -> dict[str, Any]:
    """The values of these fields, to be taken before and after a change."""
    return {name: getattr(instance, name) for name in names}


def _actor(user: User | None, operator: str) -> str:
    if operator:
        return f"operator {operator}"[:254]
    return user.email if user else COMMAND_LINE


def _as_subject(subject: Model | Subject | None) -> Subject:
    if subject is None:
        return Subject("")
    if isinstance(subject, Subject):
        return subject
    return Subject(subject._meta.model_name or "", str(subject.pk), str(subject))


def _changed_only(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    names = [
        name for name in {**before, **after}
        if name not in before or name not in after or before[name] != after[name]
    ]  # fmt: skip
    return ({name: fields[name] for name in names if name in fields} for fields in (before, after))  # type: ignore[return-value]


def _sanitized(fields: Fields | None) -> Any:
    """As JSON of bounded size, without a secret."""
    if fields is None:
        return None
    plain = json.loads(json.dumps(dict(fields), cls=DjangoJSONEncoder, default=str))
    return _sanitize(plain)


def _sanitize(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name[:60]: HIDDEN if _SECRET.search(name) else _sanitize(one)
            for name, one in list(value.items())[:MAX_ITEMS]
        }
    if isinstance(value, list):
        return [_sanitize(one) for one in value[:MAX_ITEMS]]
    if isinstance(value, str):
        # PostgreSQL's JSON holds no NUL.
        text = value.replace("\x00", "")
        return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
    return value
