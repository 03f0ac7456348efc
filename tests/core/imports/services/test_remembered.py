"""What an import remembers of a column is bounded, whatever the column holds."""

from core.imports.services.values.memo import (
    KEPT_PROBLEMS,
    KEPT_PROBLEMS_SIZE,
    NULL,
    REMEMBERED,
    REMEMBERED_SIZE,
    BadCellError,
    Memo,
)


def refuse(text: str) -> str:
    raise BadCellError("bad", f"{text[:10]} is bad.")


def test_bad_cells_are_forgotten_after_their_chunk() -> None:
    memo = Memo(refuse)
    for start in range(0, 50_000, 4000):
        cells = [f"x{number}" for number in range(start, start + 4000)]
        assert memo.read(cells) == [NULL] * 4000
        assert memo.problems.keys() >= set(cells)
    assert len(memo.problems) <= KEPT_PROBLEMS
    assert not len(memo)


def test_a_bad_cell_that_comes_again_is_bad_again() -> None:
    memo = Memo(refuse)
    memo.read([f"x{number}" for number in range(2 * KEPT_PROBLEMS)])
    assert memo.read(["x0"]) == [NULL]
    assert memo.problems["x0"].message == "x0 is bad."


def test_a_bad_cell_that_is_known_stays_while_others_come() -> None:
    memo = Memo(refuse)
    memo.read(["first"])
    memo.read([f"x{number}" for number in range(KEPT_PROBLEMS - 1)])
    memo.read(["first", "one more"])
    assert {"first", "one more"} <= memo.problems.keys()


def test_long_bad_cells() -> None:
    memo = Memo(refuse)
    for number in range(300):
        memo.read([f"{number}{'x' * 100_000}"])
    assert sum(map(len, memo.problems)) <= KEPT_PROBLEMS_SIZE


def test_good_cells() -> None:
    memo = Memo(str.lower)
    memo.read([f"x{number}" for number in range(REMEMBERED + 10)])
    assert len(memo) == REMEMBERED
    memo = Memo(str.lower)
    texts = [f"{number}{'X' * 100_000}" for number in range(100)]
    assert memo.read(texts) == list(map(str.lower, texts))
    assert sum(map(len, memo)) < REMEMBERED_SIZE + 200_000
