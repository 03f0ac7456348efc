"""What is wrong with a file, said by the child process and put into words by its parent."""

from collections.abc import Mapping

from core.imports.services.files.limits import LONGEST_LINE, MOST_COLUMNS

Value = str | int


def gettext_noop(message: str) -> str:
    """Marks a message to be translated: the child process speaks no language."""
    return message


TOO_MUCH_MEMORY = gettext_noop("Reading this file takes too much memory. Save the sheet as CSV in UTF-8, or split it.")


class FileProblem(Exception):  # noqa: N818 - an AppError, once it has reached the parent
    """Why a file cannot be read; `line` is the line of the file at fault."""

    def __init__(
        self, code: str, message: str, values: Mapping[str, Value] | None = None, *, line: int | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.values = dict(values or {})
        self.line = line


def empty_file() -> FileProblem:
    return FileProblem("empty_file", gettext_noop("The file is empty."))


def too_wide(line: int) -> FileProblem:
    message = gettext_noop("Line %(line)d has more than %(limit)d columns. Leave out those that are not needed.")
    return FileProblem("too_wide", message, {"line": line, "limit": MOST_COLUMNS}, line=line)


def line_too_long(line: int) -> FileProblem:
    message = gettext_noop("Line %(line)d is longer than %(limit)d MB.")
    return FileProblem("line_too_long", message, {"line": line, "limit": LONGEST_LINE >> 20}, line=line)
