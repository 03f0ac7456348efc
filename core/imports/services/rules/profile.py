"""The different texts of columns, from one more reading of the file."""

from collections import Counter
from collections.abc import Iterable, Iterator

from core.imports.services.columns import Column
from core.imports.services.file_source import FileSource
from core.shared.file_fields import Value

# Further ones are not looked at.
MOST_TEXTS = 200_000
# A date, however it is written, without most of the time behind it.
DATE_LENGTH = 14
DATES = {Value.DATE, Value.BIRTH_DATE, Value.DATE_TIME, Value.EXPIRY}
PROFILED = {*DATES, Value.MONEY, Value.RATING}


class Profile:
    """Reads the file once more when it is first asked, for all columns of which it may be asked."""

    def __init__(self, source: FileSource, columns: Iterable[Column]) -> None:
        self._source = source
        self._columns = [column for column in columns if column.field.value in PROFILED]
        self._texts: dict[str, Counter[str]] = {}

    def texts(self, name: str) -> Counter[str]:
        """Of a field, each with its number of rows; of dates their beginnings."""
        if self._columns and not self._texts:
            self._read()
        return self._texts.get(name) or Counter()

    def _read(self) -> None:
        self._texts = {column.field.name: Counter() for column in self._columns}
        for chunk in self._source.chunks():
            for column in self._columns:
                counter, index = self._texts[column.field.name], column.index
                if len(counter) > MOST_TEXTS:
                    continue
                cells: Iterable[str] = (row[index] for row in chunk.cells if index < len(row))
                counter.update(_beginnings(cells) if column.field.value in DATES else cells)


def _beginnings(cells: Iterable[str]) -> Iterator[str]:
    """A weekday may stand in front."""
    return (cell[:DATE_LENGTH] if cell[:1].isdigit() else cell for cell in cells)
