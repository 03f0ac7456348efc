"""The options of an import, from the command line or from the form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from core.imports.services.files.charsets import ENCODINGS
from core.imports.services.files.texts import WHITESPACE
from core.shared.errors import AppError

DELIMITERS = {
    "comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", WHITESPACE: WHITESPACE,
    ",": ",", ";": ";", "\\t": "\t", "\t": "\t", "|": "|",
}  # fmt: skip
# Marks a column to ignore.
IGNORE = "-"


@dataclass(frozen=True)
class ImportOptions:
    # The file's own column names → fields; IGNORE leaves a column out.
    mapping: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    # Field names in the order of the columns, for a file without a header.
    columns: tuple[str, ...] | None = None
    header: bool = True
    # The line of the headings; None: found by itself; 0: there are none, as without `header`.
    heading_row: int | None = None
    # The last line that is read.
    last_row: int | None = None
    # The sheet of a workbook; None: the one whose headings are known best.
    sheet: str | None = None
    # Of a text; None: it is recognised.
    encoding: str | None = None
    delimiter: str | None = None
    date_format: str | None = None
    store: str | None = None
    client_ref_per_store: bool = False
    create_missing: bool = False
    append: bool = False
    skip_bad_rows: bool = False
    dry_run: bool = False
    # Fields that have the same value in all rows.
    constants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    # By column: what stands in it where a row is to be left out.
    leave_out: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    # The id of an import that is taken back in the same deed.
    replaces: str | None = None
    # Choices by the key of their question, see `questions`.
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    # Whether an answer that is no choice is an error. Remembered ones may be out of date.
    strict_answers: bool = True

    def __post_init__(self) -> None:
        if self.encoding is not None and self.encoding not in ENCODINGS:
            message = _("“%(encoding)s” is no encoding: use one of %(names)s.")
            values = {"encoding": self.encoding, "names": ", ".join(ENCODINGS)}
            raise AppError("bad_encoding_name", message % values, field="encoding")
        if self.heading_row == 0:
            object.__setattr__(self, "header", False)
        if self.header and self.columns is not None:
            raise AppError(
                "columns_with_header",
                _("Columns are listed for a file without a header only: say --no-header too."),
                field="columns",
            )
        if not self.header and not self.columns:
            raise AppError(
                "columns_missing",
                _("A file without a header needs its columns listed: --columns client_ref,-,started_at,…"),
                field="columns",
            )
        if self.date_format is not None:
            check_date_format(self.date_format)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ImportOptions":
        known = {name: value for name, value in values.items() if name in cls.__dataclass_fields__}
        columns = known.get("columns")
        return cls(**{"strict_answers": False, **known, "columns": tuple(columns) if columns else None})


def parse_mapping(texts: Sequence[str]) -> dict[str, str]:
    """`Their Column=field`, each; the field is what follows the last equals sign."""
    mapping: dict[str, str] = {}
    for text in texts:
        column, equals, name = text.rpartition("=")
        if not equals or not column.strip():
            raise AppError(
                "bad_mapping", _('“%s” is no mapping: write --map "Their Column=field".') % text, field="map"
            )
        if column.strip() in mapping:
            raise AppError("mapped_twice", _("The column “%s” is mapped twice.") % column.strip(), field="map")
        mapping[column.strip()] = name.strip() or IGNORE
    return mapping


def parse_constants(texts: Sequence[str]) -> dict[str, str]:
    """`field=value`, each; the value is what follows the first equals sign."""
    constants: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise AppError("bad_constant", _("“%s” sets nothing: write field=value.") % text, field="set")
        constants[name.strip()] = value.strip()
    return constants


def parse_leave_out(texts: Sequence[str]) -> dict[str, list[str]]:
    """`Their Column=value`, each; several values of one column add up."""
    leave_out: dict[str, list[str]] = {}
    for text in texts:
        column, equals, value = text.rpartition("=")
        if not equals or not column.strip() or not value.strip():
            message = _('“%s” leaves nothing out: write --leave-out "Their Column=value".') % text
            raise AppError("bad_leave_out", message, field="leave_out")
        leave_out.setdefault(column.strip(), []).append(value.strip())
    return leave_out


def parse_answers(texts: Sequence[str]) -> dict[str, str]:
    """`KEY=CHOICE`, each; the choice is what follows the last equals sign."""
    answers: dict[str, str] = {}
    for text in texts:
        key, equals, choice = text.rpartition("=")
        if not equals or not key.strip() or not choice.strip():
            raise AppError("bad_answer", _('“%s” is no answer: write --answer "KEY=CHOICE".') % text, field="answer")
        answers[key.strip()] = choice.strip()
    return answers


def parse_delimiter(text: str) -> str:
    if text not in DELIMITERS:
        names = "comma, semicolon, tab, pipe, whitespace"
        message = _("“%(delimiter)s” is no delimiter: use one of %(names)s.") % {"delimiter": text, "names": names}
        raise AppError("bad_delimiter", message, field="delimiter")
    return DELIMITERS[text]


def check_date_format(date_format: str) -> None:
    """Raises AppError for a format without year, month and day, or one that cannot parse its own output."""
    sample = datetime(2018, 12, 25, 15, 0)  # noqa: DTZ001 - only its date is compared
    try:
        read = datetime.strptime(sample.strftime(date_format), date_format)  # noqa: DTZ007
    except (ValueError, re.error):
        # The latter where one part is said twice.
        read = None
    if read is None or read.date() != sample.date():
        message = _("“%s” is no date format: it has to say year, month and day, as in %%m/%%d/%%Y.") % date_format
        raise AppError("bad_date_format", message, field="date_format")
