"""What an archive says of itself: enough to check it whole, and to load it into a schema of the same version."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from .refusals import damaged, newer

FORMAT = 1
NAME = "manifest.json"
# Their rows stay behind: credentials of browsers, second factors, keys of links, mail, which may hold such keys and
# would be sent a second time, and jobs, which are done where they were asked for.
LEFT_OUT = frozenset(
    """
    account_emailconfirmation django_session jobs_job mail_outgoingmail mfa_authenticator usersessions_usersession
    """.split()  # noqa: SIM905
)
# What stands in an archive for the values of a column: here, no password.
REPLACED = {("accounts_user", "password"): "!"}
# Made by the schema itself.
OF_THE_SCHEMA = frozenset({"django_migrations"})


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
    """A file of the chain; `path` is from the chain's own folder on."""

    path: str
    size: int
    sha256: str

    @property
    def stored(self) -> str:
        return f"files/{self.path}"


@dataclass(frozen=True)
class SequenceEntry:
    """The counter of an identity column, as it stood."""

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
        """Raises AppError for what is no manifest, or one of a later format."""
        try:
            given = json.loads(text)
            if not isinstance(given, dict) or not isinstance(given.get("format"), int):
                raise damaged(NAME)
            if given["format"] > FORMAT:
                raise newer()
            return cls._checked(given)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise damaged(NAME) from error

    @classmethod
    def _checked(cls, given: dict[str, Any]) -> "Manifest":
        made = cls(
            made_at=_text(given["made_at"]),
            chain={_text(name): _text(value) for name, value in given["chain"].items()},
            migrations=[[_text(app), _text(name)] for app, name in given["migrations"]],
            tables=[TableEntry(**one) for one in given["tables"]],
            sequences=[SequenceEntry(**one) for one in given["sequences"]],
            files=[FileEntry(**one) for one in given["files"]],
            format=given["format"],
        )
        for table in made.tables:
            _texts(table.name, table.sha256, *table.columns)
            _counts(table.rows, table.size)
        for file in made.files:
            _texts(file.path, file.sha256)
            _counts(file.size)
        for sequence in made.sequences:
            _texts(sequence.table, sequence.column)
            _counts(sequence.last_value)
        return made


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(*values: Any) -> None:
    for value in values:
        _text(value)


def _counts(*values: Any) -> None:
    if not all(type(value) is int and 0 <= value < 2**63 for value in values):
        raise TypeError
