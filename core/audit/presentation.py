"""Audit entries as text: labels of actions, kinds and fields, and formatted values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.audit.actions import actions, kinds
from core.audit.declaration import Kind
from core.audit.models import AuditEntry
from core.audit.trail import COMMAND_LINE
from core.shared.declarations import declared_words
from core.shared.figures import count
from core.shared.file_fields import filled_columns

MAX_LENGTH = 300


@dataclass(frozen=True)
class Change:
    """Empty texts where the field did not exist before, or does no longer."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Row:
    entry: AuditEntry
    actor: str
    # Whether it is someone to filter by.
    is_person: bool
    action: str
    subject: str
    changes: tuple[Change, ...]


def entry_row(entry: AuditEntry) -> Row:
    return Row(
        entry=entry,
        actor=_("command line") if entry.actor == COMMAND_LINE else entry.actor,
        is_person=bool(entry.user_id),
        action=actions().get(entry.action, entry.action),
        subject=subject_label(entry),
        changes=changes(entry),
    )


def subject_label(entry: AuditEntry) -> str:
    """Empty if the user acted on the own account, which the actor column names already."""
    if entry.subject_type == Kind.USER and entry.subject_id == str(entry.user_id):
        return ""
    kind = kinds().get(entry.subject_type, entry.subject_type)
    return " · ".join(filter(None, [kind, entry.subject_label]))


def changes(entry: AuditEntry) -> tuple[Change, ...]:
    before, after = entry.before or {}, entry.after or {}
    fields = filled_columns()
    labels = {**{name: field.label for name, field in fields.items()}, **declared_words("FIELD_WORDS")}
    choices = {**{name: field.choices for name, field in fields.items()}, **declared_words("FIELD_CHOICES")}
    return tuple(
        Change(
            str(labels.get(name, name.replace("_", " "))),
            value_text(before.get(name, ""), choices.get(name, {})),
            value_text(after.get(name, ""), choices.get(name, {})),
        )
        for name in dict.fromkeys([*before, *after])
    )


def value_text(value: Any, choices: Mapping[str, Any]) -> str:
    """The label of a choice, else the plain value."""
    return str(choices[value]) if isinstance(value, str) and value in choices else plain_text(value)


def plain_text(value: Any) -> str:
    if value is None:
        text = "–"
    elif isinstance(value, bool):
        text = _("yes") if value else _("no")
    elif isinstance(value, int):
        text = count(value)
    elif isinstance(value, Mapping):
        text = "; ".join(f"{name}: {plain_text(one)}" for name, one in value.items())
    elif isinstance(value, list):
        text = "; ".join(plain_text(one) for one in value)
    else:
        text = str(value)
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1]}…"
