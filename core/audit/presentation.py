"""Entries in words: names of actions, kinds and fields, and values as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.audit.actions import Action, Kind
from core.audit.models import AuditEntry
from core.audit.trail import COMMAND_LINE
from core.shared.declarations import declared_words
from core.shared.figures import count

LONGEST = 300


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


def row(entry: AuditEntry) -> Row:
    return Row(
        entry=entry,
        actor=_("command line") if entry.actor == COMMAND_LINE else entry.actor,
        is_person=bool(entry.user_id),
        action=action_words(entry.action),
        subject=subject_words(entry),
        changes=changes(entry),
    )


def action_words(code: str) -> str:
    return str(Action(code).label) if code in Action else code


def subject_words(entry: AuditEntry) -> str:
    """Nothing for who did something with the own account: that is said already."""
    if entry.subject_type == Kind.USER and entry.subject_id == str(entry.user_id):
        return ""
    return " · ".join(filter(None, [kind_words(entry.subject_type), entry.subject_label]))


def kind_words(code: str) -> str:
    return str(Kind(code).label) if code in Kind else code


def changes(entry: AuditEntry) -> tuple[Change, ...]:
    before, after = entry.before or {}, entry.after or {}
    names, words = dict.fromkeys([*before, *after]), field_words()
    return tuple(
        Change(
            words.get(name, name.replace("_", " ")), told(name, before.get(name, "")), told(name, after.get(name, ""))
        )
        for name in names
    )


def told(name: str, value: Any) -> str:
    """Codes of a fixed list in words."""
    choices = declared_words("FIELD_CHOICES").get(name)
    return str(choices(value).label) if choices and value in choices else plain(value)


def plain(value: Any) -> str:
    if value is None:
        text = "–"
    elif isinstance(value, bool):
        text = _("yes") if value else _("no")
    elif isinstance(value, int):
        text = count(value)
    elif isinstance(value, Mapping):
        text = "; ".join(f"{name}: {plain(one)}" for name, one in value.items())
    elif isinstance(value, list):
        text = "; ".join(plain(one) for one in value)
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def field_words() -> dict[str, str]:
    return {
        "client": _("Client"), "store": _("Store"), "day": _("Day"), "start_time": _("Time"), "lines": _("Lines"),
        "voided": _("Void"), "role": _("Role"), "stores": _("Stores"), "regions": _("Regions"),
        "name": pgettext("of a person or a thing", "Name"),
        "email": _("E-mail"), "phone": _("Phone"), "file": _("File"), "rows": _("Rows"), "created": _("New"),
        "updated": _("Changed"), "unchanged": _("Unchanged"), "rejected": _("Left out"), "kind": _("Kind"),
        "birth_date": _("Birth date"), "gender": _("Gender"), "backup_phone": _("Backup phone"), "wechat": _("WeChat"),
        "occupation": _("Occupation"), "education": _("Education"), "joined_on": _("Record opened on"),
        "referrer": _("Referred by"), "member_tier": _("Member tier"), "ref_store": _("Store that numbers it"),
        "new_clients": _("New clients"), "kept_stores": _("Stores that stay"), "devices": _("Devices"),
        "country": _("Country"), "requires_second_factor": _("Two-step sign-in for everyone"),
        "reason": _("Reason"), "address": _("Address"), "language": _("Language"), "until": _("Until"),
        "number": _("Number"), "closed_on": _("Closed from"), "city": _("City"), "region": _("Region"),
        "plan": _("Plan"), "interval": _("Interval"), "currency": _("Currency"), "bytes": _("Size"),
        "city_tier": _("City tier"),
        "title": _("Title (抬头)"), "taxpayer": _("Taxpayer number (纳税人识别号)"), "bank": _("Bank (开户银行)"),
    }  # fmt: skip
