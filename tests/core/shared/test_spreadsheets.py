"""No cell becomes a formula, whatever the spreadsheet parts the columns by; and what is marked comes back as it was."""

import ast
import csv
import io
import unicodedata
from itertools import product
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import core
from core.imports.services.rejects import escape_formula
from core.shared.spreadsheets import escape_formulas, unescape_formulas

SEPARATORS = ",;\t|\n\r"
UNSEEN = [
    " ",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u180e",
    "\u202e",
    "\u3164",
    "\0",
    "\x1b",
]
FORMULAS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦"]
texts = st.text(st.sampled_from([*"a1'\";,|\t\r\n =+-@＝.{(", *UNSEEN]), max_size=30) | st.text(max_size=30)


def would_calculate(text: str) -> bool:
    """As spreadsheets read a cell, and more: what cannot be seen and quotation marks at the start are passed over."""
    for letter in text:
        if unicodedata.category(letter) in {"Cc", "Cf", "Zs", "Zl", "Zp"} or letter in '"\u3164':
            continue
        return unicodedata.normalize("NFKC", letter) in {"=", "+", "-", "@"} and letter not in "⁺₊⁻₋⁼₌"
    return False


def pieces(text: str) -> list[str]:
    """What any separator may make of it."""
    for separator in SEPARATORS:
        text = text.replace(separator, "\n")
    return text.split("\n")


def test_every_way_to_begin_a_formula_is_marked() -> None:
    before = ["", *(f"a{separator}" for separator in SEPARATORS), 'a;"', "a,b|"]
    for parts in product(before, ["", *UNSEEN, "".join(UNSEEN)], FORMULAS):
        text = f"{''.join(parts)}1+1"
        assert any(map(would_calculate, pieces(text))), parts
        assert not any(map(would_calculate, pieces(escape_formulas(text)))), parts
        assert unescape_formulas(escape_formulas(text)) == text, parts


@given(texts)
def test_no_text_calculates(text: str) -> None:
    assert not any(map(would_calculate, pieces(escape_formulas(text))))


@given(texts)
@example("'\tx")
@example("''=1")
@example("a;'' =1;'x")
def test_what_is_marked_comes_back(text: str) -> None:
    assert unescape_formulas(escape_formulas(text)) == text
    assert unescape_formulas(escape_formulas(escape_formulas(text))) == escape_formulas(text)
    assert unescape_formulas(escape_formula(text)) == text


@pytest.mark.parametrize(
    "text", ["", "a", "O'Brien", "a-b", "a, b", "rock, 'n' roll", "2018-03-04", "10:30; 11:00", "{}", "A=B"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert escape_formulas(text) == text
    assert unescape_formulas(text) == text


def test_numbers_stay_numbers() -> None:
    assert [escape_formulas(value) for value in (-1, -0.5, None, True)] == [-1, -0.5, None, True]


def test_a_file_of_any_separator_has_no_formula() -> None:
    cells = ["=1", " =1", "a;=1;b", "a\t+1", 'a;"=1;', "a\n@x", "'=1", "x|-1"]
    out = io.StringIO()
    csv.writer(out).writerow(map(escape_formulas, cells))
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(out.getvalue()), delimiter=separator):
            assert not any(map(would_calculate, row)), (separator, row)


WRITERS = {"writerow", "writerows", "DictWriter", "WriteOnlyCell"}


def test_whoever_writes_cells_marks_them() -> None:
    root, seen = Path(core.__file__).parents[1], 0
    for folder in ("core", "tenants", "billing", "platform"):
        for path in (root / folder).rglob("*.py"):
            nodes = list(ast.walk(ast.parse(path.read_text())))
            names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
            names |= {node.id for node in nodes if isinstance(node, ast.Name)}
            if names & WRITERS:
                seen += 1
                assert "escape_formulas" in names, path
    assert seen >= 3
