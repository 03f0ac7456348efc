"""What a request has read of blocks it does not read again, and answers as if it did."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.data import Data
from core.reporting.facts import period_cache, reading
from core.reporting.facts.blocks import Block
from core.reporting.facts.reading import BlockReader
from core.reporting.question import Question
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit

NAMES = ("client_id", "day", "net_revenue")
PERIOD = Question(start=date(2025, 3, 1), end=date(2025, 5, 15), metric="volumes")


@pytest.fixture
def reader(salon: dict[str, Store]) -> Iterator[BlockReader]:
    with Data().reader() as one:
        yield one


def read(reader: BlockReader, *names: str) -> list[Block]:
    blocks = reader.read(names or NAMES, start=PERIOD.start, end=PERIOD.end, of_categories=False)
    return sorted(blocks, key=lambda block: block.id)


def same(one: list[Block], other: list[Block]) -> bool:
    return [(b.id, b.month, b.sign) for b in one] == [(b.id, b.month, b.sign) for b in other] and all(
        np.array_equal(a.columns[name], b.columns[name])
        for a, b in zip(one, other, strict=True)
        for name in a.columns.keys() | b.columns.keys()
    )


def bytes_read(reader: BlockReader, monkeypatch: pytest.MonkeyPatch, *names: str) -> int:
    """Of columns, by one reading."""
    read_rows, found = reading.binary_rows, []
    with monkeypatch.context() as patch:
        patch.setattr(reading, "binary_rows", lambda *args: found.append(rows := read_rows(*args)) or rows)
        read(reader, *names)
    return sum(len(value) for rows in found for row in rows for value in row[5:] if value is not None)


def test_columns_are_read_once(reader: BlockReader, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = BlockReader(reader.cursor)
    whole = bytes_read(fresh, monkeypatch, *NAMES, "flags")
    first = bytes_read(reader, monkeypatch, *NAMES)
    assert 0 < first < whole
    assert bytes_read(reader, monkeypatch, *NAMES) == 0
    assert bytes_read(reader, monkeypatch, *NAMES, "flags") == whole - first
    assert same(read(reader, *NAMES, "flags"), read(fresh, *NAMES, "flags"))


def test_what_is_beyond_the_limit_is_read_again(reader: BlockReader, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bytes_read(BlockReader(reader.cursor), monkeypatch)
    monkeypatch.setattr(reading, "MOST_BYTES_KNOWN", whole // 2)
    assert bytes_read(reader, monkeypatch) == whole
    again = bytes_read(reader, monkeypatch)
    assert whole // 2 <= again < whole
    assert same(read(reader), read(BlockReader(reader.cursor)))


def test_blocks_that_come_and_go_are_seen(salon: dict[str, Store], hq_user: User, reader: BlockReader) -> None:
    before = read(reader)
    client = Client.objects.order_by("id")[0]
    lines = [NewLine(amount=Decimal(10))]
    record_visit(acting_user=hq_user, store=salon["S001"], client=client, day=date(2025, 3, 3), lines=lines)
    assert same(read(reader), read(BlockReader(reader.cursor)))
    assert not same(read(reader), before)
    period_cache.fold()
    assert same(read(reader), read(BlockReader(reader.cursor)))


def test_answers_of_one_request_share_what_was_read(salon: dict[str, Store]) -> None:
    data = Data()
    for metric in ("volumes", "repurchase_rate", "value_segments"):
        question = Question(start=PERIOD.start, end=PERIOD.end, metric=metric, by="store")
        assert answer(question, data).as_json() == answer(question, Data()).as_json()
    known = set(data.known_columns.blocks("client_id"))
    assert known
    with data.reader() as reader:
        assert known >= {block.id for block in read(reader, "client_id")}
