"""Blocks made of the visits themselves, for a chain whose facts no layout holds yet: slower, and nothing is stored."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from django.db import transaction
from django.db.backends.utils import CursorWrapper

from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import Block, by_month
from core.reporting.facts.derivation import EPOCH, NOTHING, facts_of
from core.reporting.facts.layout import KINDS
from core.reporting.facts.lines import clients_between, last_of_chunk, lines_of

# Visits whose lines are held in memory at a time.
CHUNK = 100_000


def blocks_from_visits(
    cursor: CursorWrapper, names: Sequence[str], *, start: date, end: date, of_categories: bool
) -> list[Block]:
    """What `reading.BlockReader` would give."""
    columns = {name: KINDS[name] for name in names}
    blocks = []
    with _one_moment(cursor):
        for facts in _facts_of_everyone(cursor):
            chosen = (facts["category_id"] != NOTHING) == of_categories
            chosen &= facts["day"] >= (start.replace(day=1) - EPOCH).days
            chosen &= facts["day"] < (end - EPOCH).days
            of_period = {name: column[chosen] for name, column in facts.items()}
            blocks += [Block(0, month, 1, stored) for month, _kind, stored in by_month(of_period, columns)]
    return blocks


def _facts_of_everyone(cursor: CursorWrapper) -> Iterator[Columns]:
    after = 0
    while (through := last_of_chunk(cursor, after, CHUNK)) is not None:
        yield facts_of(lines_of(cursor, clients_between(after, through)))
        after = through


@contextmanager
def _one_moment(cursor: CursorWrapper) -> Iterator[None]:
    """All statements see what the first one does; inside a transaction, what that one's see."""
    if cursor.db.in_atomic_block:
        yield
        return
    with transaction.atomic(using=cursor.db.alias):
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
