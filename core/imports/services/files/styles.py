"""Which styles of a workbook show a number as a date."""

import re
from typing import IO

from core.imports.services.files.cells import DATE, DURATION
from core.imports.services.files.xml import Attributes, Xml, in_any_space, too_large

# The formats without a code of their own; 27 to 36 and 50 to 58 are the dates of Chinese, Japanese and Korean.
_BUILT_IN = {**dict.fromkeys([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)], DATE), 46: DURATION}
# As many as a spreadsheet program keeps, and more.
MOST_STYLES = 1 << 17
LONGEST_CODE = 255
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\[(?!hh?\]|mm?\]|ss?\])[^\[\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:hh?|mm?|ss?)\]", re.IGNORECASE)
_DATE_PART = re.compile("[dmyhs]", re.IGNORECASE)


class DateStyles:
    def __init__(self, part: IO[bytes] | None, *, is_1904: bool) -> None:
        self.is_1904 = is_1904
        self._formats: dict[str, str | None] = {}
        self._styles: list[str] = []
        self._in_cells = False
        self._names = in_any_space("numFmt", "cellXfs", "xf")
        if part is not None:
            xml = Xml(part)
            xml.parser.StartElementHandler = self._start
            xml.parser.EndElementHandler = self._end
            xml.read()
        known = [self._of_format(number) for number in self._styles]
        self._shown_as = {str(style): shown for style, shown in enumerate(known) if shown}

    def shown_as(self, style: str) -> str | None:
        return self._shown_as.get(style)

    def _of_format(self, number: str) -> str | None:
        if number in self._formats:
            return self._formats[number]
        return _BUILT_IN.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 4 else None

    def _start(self, name: str, attributes: Attributes) -> None:
        local = self._names.get(name)
        if local == "xf" and self._in_cells:
            self._styles.append(attributes.get("numFmtId", "0"))
        elif local == "cellXfs":
            self._in_cells = True
        elif local == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = meaning_of(attributes.get("formatCode", ""))
        if len(self._styles) > MOST_STYLES or len(self._formats) > MOST_STYLES:
            raise too_large()

    def _end(self, name: str) -> None:
        if self._names.get(name) == "cellXfs":
            self._in_cells = False


def meaning_of(code: str) -> str | None:
    """Whether a format's code shows a date or the time that has gone by."""
    first = code[:LONGEST_CODE].partition(";")[0]
    if _ELAPSED.search(first):
        return DURATION
    return DATE if _DATE_PART.search(_QUOTED.sub("", first)) else None
