"""Matches the columns of a file to fields."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.utils.translation import gettext as _

from core.imports.services.column_matching import Cells, no_cells, propose_fields
from core.imports.services.column_questions import CLIENT_FIELDS, ask_about_columns
from core.imports.services.headings import LONGEST_HEADING, column_keys
from core.imports.services.options import IGNORE, ImportOptions
from core.imports.services.questions import Questions
from core.imports.services.results import Finding
from core.imports.services.unknowns import LEAVE_OUT, TOPICS
from core.imports.services.values.codes import folded_name
from core.imports.services.values.memo import shortened
from core.shared.errors import AppError
from core.shared.file_fields import Field, fields_of
from core.shared.sentences import join_sentences
from core.stores.selectors import has_several_stores

ALWAYS_OF_A_STORE, MAYBE_OF_A_STORE = {"visits", "appointments"}, {"clients", "balances"}


FIRST_NAME, LAST_NAME = "first_name", "last_name"
# The field of the whole name, by kind.
WHOLE_NAMES = {"clients": "name", "visits": "client_name"}


@dataclass(frozen=True)
class Column:
    """A column of the file with its field, or a value that all rows have."""

    index: int
    heading: str
    field: Field
    constant: str | None = None
    # Of a name in two columns, where the first and the last name stand.
    parts: tuple[int, int] | None = None


@dataclass
class Columns:
    headings: tuple[str, ...]
    used: tuple[Column, ...]
    findings: list[Finding] = field(default_factory=list)
    questions: Questions = field(default_factory=lambda: Questions({}))
    # By column: the words whose rows are left out, and how many were.
    leave_out: dict[int, set[str]] = field(default_factory=dict)
    rows_left_out: int = 0

    @property
    def by_field(self) -> dict[str, Column]:
        return {column.field.name: column for column in self.used}

    @property
    def in_file(self) -> list[Column]:
        return [column for column in self.used if column.constant is None]

    @property
    def constants(self) -> dict[str, str]:
        return {column.field.name: column.constant for column in self.used if column.constant is not None}

    def heading_of(self, name: str) -> str:
        column = self.by_field.get(name)
        return column.heading if column else name


def match_columns(kind: str, headings: Sequence[str], options: ImportOptions, cells: Cells = no_cells) -> Columns:
    """`cells` gives the first ones of each column, where headings alone do not tell.

    Raises AppError for an unknown field or column in the mapping, two columns for one field or a missing one.
    """
    fields = {item.name: item for item in fields_of(kind)}
    headings = tuple(heading.strip("\ufeff \t") for heading in headings)
    questions = Questions(options.answers, strict=options.strict_answers)
    constants = {name: value for name, value in options.constants.items() if value}
    _refuse_unknown_fields(list(constants), fields, kind)
    matched: list[str | None]
    if options.columns is not None:
        matched = _listed(options.columns, width=len(headings))
        ask_about_columns(kind, [""] * len(headings), matched, constants, questions)
        headings = tuple(options.columns)
    else:
        _refuse_unknown_columns(column_keys(headings), options.mapping)
        proposal = propose_fields(kind, headings, options.mapping, cells)
        matched = proposal.fields
        ask_about_columns(kind, headings, matched, constants, questions, proposal)
    _refuse_unknown_fields([name for name in matched if name], fields, kind)
    _refuse_duplicates(headings, matched)
    used = [Column(index, headings[index] or name, fields[name]) for index, name in enumerate(matched) if name]
    used = [column for column in used if column.field.name not in constants]
    used += [Column(-1, name, fields[name], value) for name, value in constants.items()]
    used = _with_joined_name(kind, used, fields)
    _refuse_missing(kind, used, options)
    findings = [*_no_client(kind, used), *_too_long(headings, matched), *_ignored(headings, matched)]
    leave_out = _leave_out(headings, options)
    for index, words in _left_out_by_answers(used, options):
        leave_out.setdefault(index, set()).update(words)
    return Columns(headings, tuple(used), findings, questions, leave_out)


def _with_joined_name(kind: str, used: list[Column], fields: Mapping[str, Field]) -> list[Column]:
    """First and last name are one field, unless another column has the whole name."""
    names = {FIRST_NAME, LAST_NAME}
    parts = {column.field.name: column for column in used if column.field.name in names and column.constant is None}
    if not parts:
        return used
    whole = WHOLE_NAMES[kind]
    others = [column for column in used if column.field.name not in names]
    if any(column.field.name == whole for column in others):
        return others
    heading = " + ".join(column.heading for column in parts.values())
    first = next(iter(parts.values()))
    both = (parts[FIRST_NAME].index, parts[LAST_NAME].index) if len(parts) > 1 else None
    return [*others, Column(first.index, heading, fields[whole], parts=both)]


def _leave_out(headings: Sequence[str], options: ImportOptions) -> dict[int, set[str]]:
    if not options.leave_out:
        return {}
    keys = column_keys(headings if options.columns is None else [""] * len(headings))
    _refuse_unknown_columns(keys, options.leave_out)
    return {keys.index(key): set(map(folded_name, words)) for key, words in options.leave_out.items()}


def _left_out_by_answers(used: Sequence[Column], options: ImportOptions) -> Iterator[tuple[int, set[str]]]:
    """Rows that name something unknown, which the user wants left out."""
    left_out = [key for key, answer in options.answers.items() if answer == LEAVE_OUT]
    for topic, names in TOPICS.items():
        words = {folded_name(key.partition(":")[2]) for key in left_out if key.startswith(f"{topic}:")}
        for column in used:
            if words and column.field.name in names and column.constant is None:
                yield column.index, words


def suggest_fields(
    kind: str, headings: Sequence[str], mapping: Mapping[str, str], cells: Cells = no_cells
) -> list[str | None]:
    """Suggests a field for each column, for the user to correct; never raises."""
    fields = {item.name for item in fields_of(kind)} | {IGNORE}
    matched = propose_fields(
        kind, headings, {key: name for key, name in mapping.items() if name in fields}, cells
    ).fields
    seen: set[str] = set()
    for index, name in enumerate(matched):
        if name in seen:
            matched[index] = None
        elif name:
            seen.add(name)
    return matched


def _listed(columns: Sequence[str], *, width: int) -> list[str | None]:
    if len(columns) != width:
        message = _("The file has %(width)d columns, %(listed)d are listed.")
        raise AppError("column_count", message % {"width": width, "listed": len(columns)}, field="columns")
    return [None if name == IGNORE else name for name in columns]


def _refuse_unknown_columns(keys: Sequence[str], named: Iterable[str]) -> None:
    unknown = [column for column in named if column not in keys]
    if unknown:
        raise AppError(
            "unknown_column",
            _("The file has no column “%(column)s”. Its columns are: %(columns)s.")
            % {"column": unknown[0], "columns": ", ".join(map(shortened, keys))},
            field="map",
        )


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
    """Of columns whose field was said; all of them at once."""
    keys = column_keys(headings)
    message = _("Two columns are to be %(field)s: “%(first)s” and “%(second)s”. Leave one of the two out.")
    first: dict[str, int] = {}
    sentences = []
    for index, name in enumerate(matched):
        if name is not None and name in first:
            values = {"field": name, "first": shortened(keys[first[name]]), "second": shortened(keys[index])}
            sentences.append(message % values)
        elif name is not None:
            first[name] = index
    if sentences:
        raise AppError("two_columns", join_sentences(sentences), field="map")


def needs_store(kind: str, *, client_ref_per_store: bool) -> bool:
    """Whether each row has to be of a store."""
    return kind in ALWAYS_OF_A_STORE or (client_ref_per_store and kind in MAYBE_OF_A_STORE)


def _refuse_missing(kind: str, used: Sequence[Column], options: ImportOptions) -> None:
    present = {column.field.name for column in used}
    missing = [item.name for item in fields_of(kind) if item.required and item.name not in present]
    if (
        needs_store(kind, client_ref_per_store=options.client_ref_per_store)
        and "store_code" not in present
        and options.store is None
        and has_several_stores()
    ):
        missing.append("store_code")
    if not missing:
        return
    message = _(
        "The file lacks what is needed: %(missing)s. Say which column holds it, as in “Their Column=%(first)s”."
    )
    sentences = [message % {"missing": ", ".join(missing), "first": missing[0]}]
    if "store_code" in missing and kind in ALWAYS_OF_A_STORE | MAYBE_OF_A_STORE:
        sentences.append(_("Where all rows are of one store, name that store."))
    raise AppError("missing_columns", join_sentences(sentences), field="map", missing=missing)


def _no_client(kind: str, used: Sequence[Column]) -> list[Finding]:
    if kind != "visits" or CLIENT_FIELDS & {column.field.name for column in used}:
        return []
    message = _("No column names the client: every visit is anonymous, and no repurchase can be counted.")
    return [Finding("warning", "no_client", message)]


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
