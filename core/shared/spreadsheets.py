"""Guards exported text against formula injection in spreadsheets."""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import TypeVar

Cell = TypeVar("Cell")
# What a formula begins with, in full and small width too.
_FORMULA = "[-=+@\uff0d\uff1d\uff0b\uff20\ufe63\ufe66\ufe62\ufe6b]"
# Where a spreadsheet set to another separator, or one that takes no heed of quotation marks, begins another cell.
_SEPARATORS = r";,|\t\n\r\x0b\x0c\x85\u2028\u2029"
# What spreadsheets pass over or nobody sees: white space, control and format characters, fillers, quotation marks.
_PASSED_OVER = (
    r"'\" \x00-\x08\x0e-\x1f\x7f-\x84\x86-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    r"\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202a-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
_AHEAD = rf"(?=[{_PASSED_OVER}]*+{_FORMULA})"
_AT_START = rf"(?='*+[\t\n\r]|[{_PASSED_OVER}]*+{_FORMULA})"
_UNMARKED = re.compile(rf"\A{_AT_START}|(?<=[{_SEPARATORS}]){_AHEAD}")
_MARKED = re.compile(rf"\A'{_AT_START}|(?<=[{_SEPARATORS}])'{_AHEAD}")


def escape_formulas(value: Cell) -> Cell | str:
    """A text with an apostrophe wherever a spreadsheet would begin to read a formula."""
    return _UNMARKED.sub("'", value) if isinstance(value, str) else value


def csv_line(cells: Iterable[object]) -> str:
    """A line of a CSV file, without formulas."""
    buffer = StringIO()
    csv.writer(buffer).writerow([escape_formulas(cell) for cell in cells])
    return buffer.getvalue()


def unescape_formulas(text: str) -> str:
    """A text that comes back from a spreadsheet, without the marks of `escape_formulas`."""
    return _MARKED.sub("", text) if "'" in text else text
