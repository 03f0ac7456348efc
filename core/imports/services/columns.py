"""Matches the columns of a file to fields."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.utils.translation import gettext as _

from core.imports.services.options import IGNORE, ImportOptions
from core.imports.services.results import Finding
from core.imports.services.values.memo import shortened
from core.shared.errors import AppError
from core.shared.file_fields import Field, fields_of
from core.shared.sentences import join_sentences

LONGEST_HEADING = 200


@dataclass(frozen=True)
class Column:
    """A column of the file with its field."""

    index: int
    heading: str
    field: Field


@dataclass
class Columns:
    headings: tuple[str, ...]
    used: tuple[Column, ...]
    findings: list[Finding] = field(default_factory=list)

    @property
    def by_field(self) -> dict[str, Column]:
        return {column.field.name: column for column in self.used}

    def heading_of(self, name: str) -> str:
        column = self.by_field.get(name)
        return column.heading if column else name


def match_columns(kind: str, headings: Sequence[str], options: ImportOptions) -> Columns:
    """Raises AppError for an unknown field or column in the mapping, two columns for one field or a missing one."""
    fields = {item.name: item for item in fields_of(kind)}
    headings = tuple(heading.strip("\ufeff \t") for heading in headings)
    if options.columns is not None:
        matched = _listed(options.columns, width=len(headings))
        headings = tuple(options.columns)
    else:
        matched = _match_fields(kind, headings, options.mapping)
    _refuse_unknown_fields([name for name in matched if name], fields, kind)
    _refuse_duplicates(headings, matched)
    used = tuple(
        Column(index, headings[index] or name, fields[name]) for index, name in enumerate(matched) if name is not None
    )
    _refuse_missing(kind, used, options)
    return Columns(headings, used, [*_too_long(headings, matched), *_ignored(headings, matched)])


def suggest_fields(kind: str, headings: Sequence[str], mapping: Mapping[str, str]) -> list[str | None]:
    """Suggests a field for each column, for the user to correct; never raises."""
    fields = {item.name for item in fields_of(kind)} | {IGNORE}
    known = {heading: mapping[heading] for heading in set(headings).intersection(mapping)}
    matched = _match_fields(kind, headings, {heading: name for heading, name in known.items() if name in fields})
    seen: set[str] = set()
    for index, name in enumerate(matched):
        if name in seen:
            matched[index] = None
        elif name:
            seen.add(name)
    return matched


def _listed(columns: Sequence[str], *, width: int) -> list[str | None]:
    if len(columns) != width:
        message = _("The file has %(width)d columns, --columns lists %(listed)d.")
        raise AppError("column_count", message % {"width": width, "listed": len(columns)}, field="columns")
    return [None if name == IGNORE else name for name in columns]


def _match_fields(kind: str, headings: Sequence[str], mapping: Mapping[str, str]) -> list[str | None]:
    """The mapping comes first, then the exact name of a field, then a known synonym."""
    unknown = [column for column in mapping if column not in headings]
    if unknown:
        raise AppError(
            "unknown_column",
            _("The file has no column “%(column)s”. Its columns are: %(columns)s.")
            % {"column": unknown[0], "columns": ", ".join(map(shortened, headings))},
            field="map",
        )
    names = {normal_heading(item.name): item.name for item in fields_of(kind)}
    synonyms = {normal_heading(text): item.name for item in fields_of(kind) for text in item.headings.split()}
    mapped = {name for name in mapping.values() if name != IGNORE}
    exact = {names[normal_heading(h)] for h in headings if h not in mapping and normal_heading(h) in names}
    matched: list[str | None] = []
    for heading in headings:
        if heading in mapping:
            matched.append(None if mapping[heading] == IGNORE else mapping[heading])
        elif normal_heading(heading) in names:
            matched.append(names[normal_heading(heading)])
        else:
            guess = synonyms.get(normal_heading(heading))
            matched.append(None if guess in mapped or guess in exact else guess)
    return matched


def _refuse_unknown_fields(names: Sequence[str], fields: Mapping[str, Field], kind: str) -> None:
    for name in names:
        if name in fields:
            continue
        near = get_close_matches(name, fields, n=1)
        known = ", ".join(fields)
        if near:
            message = _("“%(field)s” is no field of a %(kind)s file. Did you mean %(near)s? There are: %(known)s.")
        else:
            message = _("“%(field)s” is no field of a %(kind)s file. There are: %(known)s.")
        values = {"field": name, "kind": kind, "near": near[0] if near else "", "known": known}
        raise AppError("unknown_field", message % values, field="map")


def _refuse_duplicates(headings: Sequence[str], matched: Sequence[str | None]) -> None:
    first: dict[str, int] = {}
    for index, name in enumerate(matched):
        if name is None:
            continue
        if name in first and headings[first[name]] == headings[index]:
            message = _("Two columns are called “%s”. Rename one of them in the file.")
            raise AppError("two_columns", message % shortened(headings[index]), field="map")
        if name in first:
            message = _(
                "Two columns mean %(field)s: “%(first)s” (column %(first_number)d) and “%(second)s” (column "
                '%(second_number)d). Say which one to leave out: --map "%(second)s=-".'
            )
            values = {
                "field": name,
                "first": shortened(headings[first[name]]),
                "first_number": first[name] + 1,
                "second": shortened(headings[index]),
                "second_number": index + 1,
            }
            raise AppError("two_columns", message % values, field="map")
        first[name] = index


def needs_store(kind: str, *, client_ref_per_store: bool) -> bool:
    """Whether each row has to be of a store."""
    return kind == "visits" or (kind == "clients" and client_ref_per_store)


def _refuse_missing(kind: str, used: Sequence[Column], options: ImportOptions) -> None:
    present = {column.field.name for column in used}
    missing = [item.name for item in fields_of(kind) if item.required and item.name not in present]
    if (
        needs_store(kind, client_ref_per_store=options.client_ref_per_store)
        and "store_code" not in present
        and options.store is None
    ):
        missing.append("store_code")
    if not missing:
        return
    message = _(
        'The file lacks what is needed: %(missing)s. Map a column to each, as in --map "Their Column=%(first)s".'
    )
    sentences = [message % {"missing": ", ".join(missing), "first": missing[0]}]
    if "store_code" in missing and kind in {"visits", "clients"}:
        sentences.append(_("Where all rows are of one store, name it: --store CODE."))
    raise AppError("missing_columns", join_sentences(sentences), field="map", missing=missing)


def _too_long(headings: Sequence[str], matched: Sequence[str | None]) -> list[Finding]:
    columns = [
        str(index + 1)
        for index, heading in enumerate(headings)
        if len(heading) > LONGEST_HEADING and matched[index] is None
    ]
    if not columns:
        return []
    message = _("A heading is at most %(limit)d characters long; longer ones mean nothing here: column %(columns)s.")
    return [Finding("warning", "heading_too_long", message % {"limit": LONGEST_HEADING, "columns": ", ".join(columns)})]


def _ignored(headings: Sequence[str], matched: Sequence[str | None]) -> list[Finding]:
    left = [shortened(heading) or f"({index + 1})" for index, heading in enumerate(headings) if matched[index] is None]
    if not left or set(left) == {IGNORE}:
        return []
    message = _("These columns mean nothing here and are ignored: %s.") % ", ".join(left)
    return [Finding("note", "ignored_columns", message)]


def normal_heading(text: str) -> str:
    """Headings that differ in case, spaces, punctuation or width are the same; a longer text is none."""
    if len(text) > LONGEST_HEADING:
        return ""
    folded = unicodedata.normalize("NFKC", text).casefold().strip("\ufeff \t")
    return re.sub(r"[\W_]+", "_", folded).strip("_")
