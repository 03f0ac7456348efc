"""What can be in the trail: each app declares what it records as `Action`, and of what as `Kind`.

The codes are stable: they are in the rows for good.
"""

from collections.abc import Mapping

from django.db import models

from core.shared.declarations import declared


class AuditAction(models.TextChoices):
    """Something that was done."""


class SubjectKind(models.TextChoices):
    """Of the object that something was done to."""


def actions() -> Mapping[str, str]:
    """All there are, by code, in words."""
    return {action.value: str(action.label) for action in declared("Action", AuditAction)}


def kinds() -> Mapping[str, str]:
    return {kind.value: str(kind.label) for kind in declared("Kind", SubjectKind)}
