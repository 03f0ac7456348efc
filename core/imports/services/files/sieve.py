"""Leaves out the rows of a table that are no records: headings that come again, totals, what a program prints below."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain, compress

Cells = list[list[str]]
# Stands in a cell whose formula has no result, until its row is known to be a record.
NO_RESULT = "\uffff="
REPEATED, TOTAL, FOOTER = "repeated_headings", "totals", "footer"
# A row whose quotation mark is never closed; it is kept.
OPEN_QUOTE = "open_quote"
# A row of a workbook that is not shown, as a filter leaves it; it is kept.
HIDDEN = "hidden_rows"
EXAMPLES = 3
LONGEST_EXAMPLE = 80
# A table of fewer columns has rows of one cell that are records.
NARROWEST = 3
LONGEST_LABEL = 60
_CHINESE = "合计|合計|总计|總計|小计|小計|共计|共計|总额|累计|総計|합계|총계|소계|平均值?|均值"
_LATIN = (
    r"(?:grand |sub[- ]?|sous[- ]?)?total(?:s|e|es|en)?(?: g[eé]n[eé]rale?)?|(?:gesamt|zwischen|tages|end)?summe|gesamt"
    r"|suma(?: total)?|(?:overall )?average|durchschnitt|итого|всего|รวม(?:ทั้งสิ้น|ทั้งหมด)?|tổng(?: cộng)?"
)
# What every label of a total holds, in small letters: looked for first, since nearly no row has one.
_HINTS = (
    *("计", "計", "总额", "均", "total", "합계", "총계", "소계", "summe", "gesamt", "suma", "average", "durchschnitt"),
    *("итого", "всего", "รวม", "tổng"),
)
_LABEL = re.compile(
    rf"(?:.{{0,40}}(?:{_CHINESE})(?:金额|人数|笔数|数量)?[:：]?(?:\s*[(（]?[¥￥$]?[\d.,]+\s*\w?[)）]?)?"
    rf"|(?:.{{1,40}}\s)?(?:{_LATIN})(?: (?:for|für|pour|de|por) .{{1,40}})?(?:\s?\([^()]{{0,40}}\))?[:：]?)",
    re.IGNORECASE,
)
# Beside a date the label has to be all there is.
_BARE_LABEL = re.compile(rf"(?:[日天月当本]{{0,2}}(?:{_CHINESE})|{_LATIN})[:：]?", re.IGNORECASE)
_DAY = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?: 00:00:00)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", re.ASCII)
_NUMBER = re.compile(
    r"[-+(]?\s?(?:[A-Z]{3}|[^\w\s.,()-])?\s?[-+]?\d[\d.,'’ \u00a0\u202f]*\)?(?:%|[^\W\d]{1,3}|[^\w\s.,()-])?"
)
_DATE = re.compile(r"\d{2,4}[./]\d{1,2}[./]\d{1,4}|(?:19|20)\d{6}")
_FOOTER = re.compile(
    r"(?:制表|打印|导出|备注|说明|注[:：]|签字|签名|.{1,6}签[字名][:：]|总(?:人数|人次|金额|笔数|单数|计)[:：\d]|审核|复核|第\s{0,9}\d+\s{0,9}页|共\s{0,9}\d+\s{0,9}(?:页|条|行|笔|单)"
    r"|printed|generated|exported|created (?:on|by)|page \d|end of|applied filters|filters?:|powered by|©|copyright"
    r"|[-=*_—]{3,200}$)",
    re.IGNORECASE,
)
_MARK = "\ufeff"
_BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")


class Sieve:
    """`strain` costs next to nothing where a chunk holds no such row."""

    def __init__(self, heading_rows: Cells, last_line: int | None = None) -> None:
        self._headings = [_stripped(row) for row in heading_rows]
        self._last_line = last_line
        self._is_wide = max(map(len, heading_rows), default=NARROWEST) >= NARROWEST
        # How many rows of each kind, and some of them: line and text.
        self._counts: dict[str, int] = {}
        self._examples: dict[str, list[tuple[int, str]]] = {}
        self.has_ended = False

    def take_left_out(self) -> list[tuple[str, int, list[tuple[int, str]]]]:
        """The rows left out since this was asked last, by kind."""
        taken = [(reason, count, self._examples[reason]) for reason, count in self._counts.items()]
        self._counts, self._examples = {}, {}
        return taken

    def strain(self, lines: Sequence[int], cells: Cells) -> tuple[Sequence[int], Cells]:
        if self._last_line is not None and lines and lines[-1] >= self._last_line:
            self.has_ended = True
            kept = [line <= self._last_line for line in lines]
            lines, cells = list(compress(lines, kept)), list(compress(cells, kept))
        suspects = self._suspects(cells)
        if not suspects:
            return lines, cells
        dropped = {index for index in suspects if self._leave_out(lines[index], cells[index])}
        if not dropped:
            return lines, cells
        keep = [index not in dropped for index in range(len(cells))]
        return list(compress(lines, keep)), list(compress(cells, keep))

    def reason(self, row: list[str]) -> str | None:
        """Why a row is no record; None for a record."""
        filled = [cell for cell in map(str.strip, row) if cell]
        if _stripped(row) in self._headings:
            return REPEATED
        if not self._is_wide or not filled:
            return None
        if len(filled) < len(row) and is_total(filled):
            return TOTAL
        return FOOTER if len(filled) <= 2 and _FOOTER.match(filled[0]) else None

    def _suspects(self, cells: Cells) -> Sequence[int]:
        """The rows to look at; all of them where a word is among the first cells that only few files have there."""
        firsts = [row[0] if row else "" for row in cells]
        found: list[int] = []
        for heading in self._headings:
            first = heading[0] if heading else ""
            # A file behind another begins with a mark of its encoding.
            for text in (first, f"{_MARK}{first}"):
                if first and text in firsts:
                    found += [index for index, cell in enumerate(firsts) if cell == text]
        if not self._is_wide:
            return found
        text = "\n".join(chain(firsts, (row[1] for row in cells if len(row) > 1))).casefold()
        if any(hint in text for hint in _HINTS):
            return range(len(cells))
        odd = (i for i, row in enumerate(cells) if not row or not row[0] or len(row) - row.count("") <= 2)
        return [*found, *odd]

    def _leave_out(self, line: int, row: list[str]) -> bool:
        reason = self.reason(row)
        if reason is None:
            return False
        self._counts[reason] = self._counts.get(reason, 0) + 1
        examples = self._examples.setdefault(reason, [])
        if len(examples) < EXAMPLES:
            examples.append((line, shown(row)))
        return True


def is_total(filled: list[str]) -> bool:
    """Whether the cells of a row that hold something are a word such as “Total”, and numbers."""
    looks = _LABEL
    if len(filled) > 1 and _DAY.fullmatch(filled[0]):
        filled, looks = filled[1:], _BARE_LABEL
    label = filled[0] if not is_number(filled[0]) else ""
    if not label or len(label) > LONGEST_LABEL:
        return False
    text = _BETWEEN_CHINESE.sub("", unicodedata.normalize("NFKC", label)).strip()
    return looks.fullmatch(text) is not None and all(map(is_number, filled[1:]))


def shown(row: list[str]) -> str:
    """A row as an example of its kind."""
    text = " · ".join(cell for cell in map(str.strip, row) if cell and cell != NO_RESULT)
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…"


def _stripped(row: list[str]) -> list[str]:
    cells = [cell.removeprefix(_MARK).strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def is_number(text: str) -> bool:
    if text == NO_RESULT:
        return True
    return len(text) <= LONGEST_LABEL and _NUMBER.fullmatch(text) is not None and _DATE.fullmatch(text) is None
