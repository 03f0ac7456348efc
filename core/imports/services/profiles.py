"""How files with one set of headings are read is kept under a name, so that next month's file needs no answers."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.imports.models import ImportProfile
from core.imports.services.headings import column_keys
from core.imports.services.options import IGNORE
from core.shared.errors import AppError

# The options that stay true for the next file.
KEPT = (
    "mapping", "columns", "header", "date_format", "store", "client_ref_per_store", "create_missing", "append",
    "constants", "leave_out", "answers",
)  # fmt: skip
LONGEST_NAME = 100
# The profile that the options of a run are from.
PROFILE = "profile"


def headings_hash(headings: Sequence[str]) -> str:
    """Of a set of headings; of a file without any, of the number of its columns."""
    return hashlib.sha256(json.dumps(sorted(column_keys(headings))).encode()).hexdigest()


def find_profile(kind: str, headings: Sequence[str]) -> ImportProfile | None:
    return ImportProfile.objects.filter(kind=kind, headings_hash=headings_hash(headings)).first()


def named_profile(kind: str, name: str) -> ImportProfile:
    """Raises AppError for an unknown name."""
    profile = ImportProfile.objects.filter(kind=kind, name=name.strip()).first()
    if profile is None:
        known = ", ".join(ImportProfile.objects.filter(kind=kind).values_list("name", flat=True)) or "–"
        message = _("There is no way of reading called “%(name)s”. There are: %(known)s.")
        raise AppError("unknown_profile", message % {"name": name, "known": known}, field="profile")
    return profile


def save_profile(kind: str, headings: Sequence[str], options: Mapping[str, Any], *, file_name: str) -> ImportProfile:
    """Keeps how this file is read for all with the same headings. A new one is named after the file."""
    kept = {name: options[name] for name in KEPT if options.get(name) not in (None, {}, [], False, "")}
    kept["header"] = bool(options.get("header", True))
    profile = find_profile(kind, headings)
    if profile is None:
        name = _free_name(kind, file_name)
        profile = ImportProfile(kind=kind, name=name, headings=column_keys(headings))
        profile.headings_hash = headings_hash(headings)
    profile.options = kept
    profile.save()
    return profile


def rename_profile(profile: ImportProfile, name: str) -> None:
    """Raises AppError for an empty name or one that another has."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise AppError("bad_name", _("A name has 1 to %d characters.") % LONGEST_NAME, field="name")
    if ImportProfile.objects.filter(kind=profile.kind, name=name).exclude(pk=profile.pk).exists():
        raise AppError("name_taken", _("Another one is called “%s” already.") % name, field="name")
    profile.name = name
    profile.save(update_fields=["name"])


def known_fields(kind: str) -> dict[str, str]:
    """What the chain said of headings that it did not leave out, the latest last."""
    found: dict[str, str] = {}
    for options in ImportProfile.objects.filter(kind=kind).order_by("used_at").values_list("options", flat=True):
        found |= {heading: name for heading, name in (options.get("mapping") or {}).items() if name != IGNORE}
    return found


def with_profile(options: Mapping[str, Any], profile: ImportProfile) -> dict[str, Any]:
    """What was said of this very file goes before what is remembered."""
    said = {name: value for name, value in options.items() if value not in (None, {}, [], "", False, True)}
    for name in ("mapping", "answers", "constants", "leave_out"):
        if name in said and name in profile.options:
            said[name] = {**profile.options[name], **said[name]}
    flags = {name: True for name, value in options.items() if value is True and name != "header"}
    return {**options, **profile.options, **said, **flags, PROFILE: profile.pk}


def _free_name(kind: str, file_name: str) -> str:
    stem = (file_name.rpartition(".")[0] or file_name).strip()[: LONGEST_NAME - 6] or kind
    taken = set(ImportProfile.objects.filter(kind=kind, name__startswith=stem).values_list("name", flat=True))
    names = [stem, *(f"{stem} {number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)
