"""The manifest of an archive: enough to verify it and to load it into a schema of the same version."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from .errors import archive_damaged, archive_newer

FORMAT = 1
NAME = "manifest.json"
# Their rows stay behind: credentials of browsers, second factors, keys of links, mail, which may hold such keys and
# would be sent a second time, and jobs, which are done where they were asked for.
EXCLUDED_TABLES = frozenset(
    """
    account_emailconfirmation django_session jobs_job mail_outgoingmail mfa_authenticator usersessions_usersession
    """.split()  # noqa: SIM905
)
# What stands in an archive for the values of a column: here, no password.
REPLACED_VALUES = {("accounts_user", "password"): "!"}
# Made by the schema itself.
SCHEMA_TABLES = frozenset({"django_migrations"})


@dataclass(frozen=True)
class TableEntry:
    name: str
    columns: list[str]
    rows: int
    size: int
    sha256: str

    @property
    def path(self) -> str:
        return f"tables/{self.name}.csv"


@dataclass(frozen=True)
class FileEntry:
    """A file of the chain; `path` is relative to the chain's folder."""

    path: str
    size: int
    sha256: str

    @property
    def stored(self) -> str:
        return f"files/{self.path}"


@dataclass(frozen=True)
class SequenceEntry:
    """The state of an identity column's sequence."""

    table: str
    column: str
    last_value: int
    is_called: bool


@dataclass(frozen=True)
class Manifest:
    made_at: str
    chain: dict[str, str]
    # The schema's version: app and name of each migration it has had, in order.
    migrations: list[list[str]]
    tables: list[TableEntry]
    sequences: list[SequenceEntry]
    files: list[FileEntry] = field(default_factory=list)
    format: int = FORMAT

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Parse and check a manifest. Raises AppError if it is invalid or of a newer format."""
        try:
            data = json.loads(text)
            if not isinstance(data, dict) or not isinstance(data.get("format"), int):
                raise archive_damaged(NAME)
            if data["format"] > FORMAT:
                raise archive_newer()
            return cls._checked(data)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise archive_damaged(NAME) from error

    @classmethod
    def _checked(cls, data: dict[str, Any]) -> "Manifest":
        manifest = cls(
            made_at=_require_text(data["made_at"]),
            chain={_require_text(name): _require_text(value) for name, value in data["chain"].items()},
            migrations=[[_require_text(app), _require_text(name)] for app, name in data["migrations"]],
            tables=[TableEntry(**one) for one in data["tables"]],
            sequences=[SequenceEntry(**one) for one in data["sequences"]],
            files=[FileEntry(**one) for one in data["files"]],
            format=data["format"],
        )
        for table in manifest.tables:
            _require_texts(table.name, table.sha256, *table.columns)
            _require_counts(table.rows, table.size)
        for file in manifest.files:
            _require_texts(file.path, file.sha256)
            _require_counts(file.size)
        for sequence in manifest.sequences:
            _require_texts(sequence.table, sequence.column)
            _require_counts(sequence.last_value)
        return manifest


def _require_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _require_texts(*values: Any) -> None:
    for value in values:
        _require_text(value)


def _require_counts(*values: Any) -> None:
    if not all(type(value) is int and 0 <= value < 2**63 for value in values):
        raise TypeError
