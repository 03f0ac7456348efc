"""A file of one or several tables of the same columns: a ZIP of monthly files, a workbook with a sheet for each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils.translation import gettext as _

from core.imports.services.files.batches import RowBatch
from core.imports.services.files.process import IMPORT_LIMITS, FileProcess, Limits
from core.imports.services.headings import normal_heading
from core.imports.services.options import ImportOptions
from core.imports.services.questions import Choice, Question
from core.imports.services.table_source import LeftOut, TableSource
from core.imports.services.values.memo import shortened
from core.shared.errors import AppError

__all__ = ["FileSource", "LeftOut", "RowBatch"]
ALL_SHEETS = "*"


@dataclass(frozen=True)
class Part:
    """A table of the file; its rows are numbered after those of the parts before it."""

    name: str
    # Of the archive, else of its sheet.
    member: int | None = None
    lines_before: int = 0


class FileSource(TableSource):
    """Raises AppError if the file is unreadable or empty. A context manager: its child processes end with it."""

    def __init__(self, path: Path, kind: str, options: ImportOptions, limits: Limits = IMPORT_LIMITS) -> None:
        # The parts that have been begun, and those behind the first.
        self.parts: list[Part] = []
        self._further: list[Part] = []
        self._archive: FileProcess | None = None
        self._folder: TemporaryDirectory[str] | None = None
        super().__init__(path, kind, options, limits)
        self._ask_about_sheets()

    def close(self) -> None:
        super().close()
        if self._archive:
            self._archive.close()
        if self._folder:
            self._folder.cleanup()

    def chunks(self) -> Iterator[RowBatch]:
        if not self._further:
            yield from super().chunks()
            return
        first, *_begun = self.parts
        self.parts = [first]
        last = 0
        for rows in super().chunks():
            last = rows.lines[-1]
            yield rows
        for further in self._further:
            part = replace(further, lines_before=last)
            self.parts.append(part)
            with self._open_part(part) as source:
                for rows in source.chunks():
                    lines = [line + part.lines_before for line in rows.lines]
                    last = lines[-1]
                    yield replace(rows, lines=lines)
                self._take_findings(source, part)

    def place(self, line: int) -> tuple[str, int]:
        """The part that a line is of, empty where the file is one table, and its number there."""
        part = next((part for part in reversed(self.parts) if line > part.lines_before), None)
        return (part.name, line - part.lines_before) if part else ("", line)

    def _examine(self) -> tuple[FileProcess, dict[str, Any]]:
        process = FileProcess(self._path, self._limits)
        self._processes.append(process)
        facts = process.ask(do="examine", known=None, encoding=self._encoding)
        if facts["format"] != "archive":
            return process, facts
        self._processes.remove(process)
        self._archive = process
        self._folder = TemporaryDirectory(prefix="revisit-")
        parts = [Part(name, member) for member, (name, _size) in enumerate(facts["members"])]
        self.parts, self._further = parts[:1], parts[1:]
        self._path = self._extract(parts[0])
        process, examined = super()._examine()
        sizes = [size for _name, size in facts["members"]]
        return process, {**examined, "lines": examined["lines"] * sum(sizes) // max(sizes[0], 1)}

    def _extract(self, part: Part) -> Path:
        if self._archive is None or self._folder is None:
            raise ValueError("Not an archive.")
        path = Path(self._folder.name) / str(part.member)
        if not path.exists():
            self._archive.ask(do="extract", index=part.member, to=str(path))
        return path

    def _open_part(self, part: Part) -> TableSource:
        """Raises AppError where its columns are others."""
        try:
            if part.member is None:
                source = TableSource(self._path, self.kind, replace(self._options, sheet=part.name), self._limits)
            else:
                source = TableSource(self._extract(part), self.kind, self._options, self._limits)
        except AppError as error:
            raise AppError(error.code, f"{part.name}: {error.message}", field=error.field) from error
        self._refuse_open_questions(source, part)
        own, others = _names(self.headings), _names(source.headings)
        if own != others or self.width != source.width:
            source.close()
            name = next((one for one in [*others, *own] if one not in own or one not in others), "–")
            message = _(
                "All tables of a file must have the same columns: “%(name)s” differs from “%(first)s” at: %(heading)s."
            )
            values = {"name": part.name, "first": self.parts[0].name, "heading": shortened(name)}
            raise AppError("other_columns", message % values, field="file")
        return source

    def _refuse_open_questions(self, source: TableSource, part: Part) -> None:
        """Only the first table's are asked: they hold for all. So does the day from which a workbook counts."""
        question = next((one for one in source.questions if one.is_open), None)
        is_new = question is not None and question.key not in {one.key for one in self.questions}
        if is_new or bool(source.is_1904) != bool(self.is_1904):
            source.close()
            message = _("“%(name)s” can be read in several ways: bring it in on its own.") % {"name": part.name}
            raise AppError("part_is_uncertain", message, field="file")

    def _take_findings(self, source: TableSource, part: Part) -> None:
        self.left_out += tuple(
            replace(one, examples=tuple((line, f"{part.name}: {text}") for line, text in one.examples))
            for one in source.left_out
        )
        for column, (rows, line) in source.formulas.items():
            self.formulas.setdefault(column, (rows, line + part.lines_before))

    def _ask_about_sheets(self) -> None:
        """Several sheets with the same headings: one of them, or all of them one after the other."""
        layout = self.layout
        if self._archive or not layout.like_sheets or layout.sheet is None or self._options.sheet is not None:
            return
        sheets = (layout.sheet, *layout.like_sheets)
        all_of_them = _("all of them, one after the other")
        question = Question(
            key="sheet",
            text=_("Several sheets have the same headings. Which of them is to be read?"),
            choices=(Choice(ALL_SHEETS, all_of_them), *(Choice(name, name) for name in sheets)),
            proposed=ALL_SHEETS,
        )
        self.questions.append(question)
        answer = self._options.answers.get("sheet")
        if answer == ALL_SHEETS:
            self.parts = [Part(layout.sheet)]
            self._further = [Part(name) for name in layout.like_sheets]
            self.layout = replace(layout, like_sheets=(), other_sheets=_without(layout.other_sheets, sheets))
        elif answer in sheets:
            self._options = replace(self._options, sheet=answer)
            self._take_layout(self._processes[-1])


def _names(headings: Sequence[str]) -> list[str]:
    return [normal_heading(heading) or heading for heading in headings]


def _without(names: Sequence[str], left: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in left)
