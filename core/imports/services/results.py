"""The result of an import and its findings."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.imports.services.questions import Question
from core.shared.errors import AppError

Level = Literal["error", "warning", "note"]
# More than these are counted, not listed.
LISTED_FINDINGS = 200
# Of a kind of finding.
EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """One thing found in the file; `line` is the line of the file it is on, `column` the name the file gives it."""

    level: Level
    code: str
    message: str
    line: int | None = None
    column: str | None = None
    value: str | None = None
    # Of how many rows it tells, with up to three examples, and what it does to the figures.
    rows: int = 1
    examples: tuple[str, ...] = ()
    effect: str = ""
    # The import that it tells of.
    earlier: str = ""

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line is not None else ""
        place = ", ".join(filter(None, [line, self.column]))
        return f"{place}: {self.message}" if place else self.message


@dataclass
class ImportResult:
    """`rows` and `rejected` count rows of the file, the others records (visits, for `visits`)."""

    kind: str
    # Of the import, where it is kept.
    id: str | None = None
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    seconds: float = 0.0
    rejects_file: Path | None = None
    findings: list[Finding] = field(default_factory=list)
    # One for each kind: the errors of rows by column and code, and all other findings.
    kinds: list[Finding] = field(default_factory=list)
    # All that was asked, answered or not.
    questions: list[Question] = field(default_factory=list)
    # What a check tells of the file besides.
    overview: dict[str, Any] = field(default_factory=dict)
    # Which days of which stores its visits are of, see `core.imports.services.earlier`.
    span: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        rejects_file = str(self.rejects_file) if self.rejects_file else None
        values = {**asdict(self), "seconds": round(self.seconds, 3), "rejects_file": rejects_file}
        del values["findings"], values["kinds"], values["questions"], values["overview"], values["span"]
        return values

    @property
    def open_questions(self) -> list[Question]:
        return [question for question in self.questions if question.is_open]

    def kinds_as_json(self) -> list[dict[str, Any]]:
        return [asdict(finding) for finding in self.kinds]

    def questions_as_json(self) -> list[dict[str, Any]]:
        return [asdict(question) for question in self.questions]


class ImportRefused(AppError):  # noqa: N818 - it is an AppError, whose name says so
    """Bad rows in a file that was to be loaded whole or not at all, or questions that are open; nothing has changed."""

    def __init__(self, message: str, result: ImportResult) -> None:
        super().__init__("import_refused", message)
        self.result = result
