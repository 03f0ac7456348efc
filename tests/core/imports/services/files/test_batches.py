"""Rows that go from the child to its parent."""

from hypothesis import given
from hypothesis import strategies as st

from core.imports.services.files.batches import SEPARATOR, batch_of

CELLS = st.lists(st.text(alphabet=["a", "测", "\n", "\t", SEPARATOR, "\0"], max_size=3), max_size=3)


@given(st.lists(CELLS, max_size=4))
def test_rows_arrive_as_they_were_sent(cells: list[list[str]]) -> None:
    batch = batch_of(range(len(cells)), cells)
    assert batch.cells == cells
    width = min(map(len, cells), default=0)
    assert [batch.column(index) for index in range(width)] == [[row[index] for row in cells] for index in range(width)]


@given(st.integers(1, 4), st.integers(1, 4))
def test_rows_of_one_length_go_column_by_column(rows: int, width: int) -> None:
    batch = batch_of(range(rows), [["x"] * width] * rows)
    assert batch.columns is not None
    assert len(batch.columns) == width
    assert batch.rows == []
    assert batch_of(range(rows), [["x"] * width, *[[SEPARATOR] * width] * rows]).columns is None
