"""The lines of clients, and what is effective on a day."""

import numpy as np
import pytest
from django.db import connection
from django.db.models import Max, Min
from hypothesis import given
from hypothesis import strategies as st

from core.clients.models import Client
from core.reporting.facts import refresh
from core.reporting.facts.lines import effective, lines_of, listed
from core.stores.models import Store
from core.visits.models import Visit

KNOWN = st.lists(
    st.tuples(st.sampled_from([1, 2, 2**40]), st.integers(-730_000, 100), st.integers(1, 9)),
    unique_by=lambda row: row[:2],
    max_size=8,
)


@given(KNOWN, st.lists(st.tuples(st.sampled_from([1, 2, 3, 2**40]), st.integers(-10, 110)), max_size=8))
def test_the_last_that_is_not_later_holds(known: list[tuple[int, int, int]], questions: list[tuple[int, int]]) -> None:
    keys, days = (np.array([row[n] for row in questions], np.int64) for n in (0, 1))
    expected = [
        max(((first, value) for key, first, value in known if key == key_of_question and first <= day), default=(0, 0))[
            1
        ]
        for key_of_question, day in questions
    ]
    assert effective(keys, days, known).tolist() == expected


def test_visits_that_lie_near_each_other_have_the_lines_that_a_look_up_finds(salon: dict[str, Store]) -> None:
    clients = list(Client.objects.order_by("pk").values_list("pk", flat=True))
    void = Visit.objects.filter(client=clients[0]).latest("pk")
    Visit.objects.filter(pk=void.pk).update(voided_at="2025-05-05T00:00Z")
    for some in (clients, clients[::2], clients[:1], []):
        ends = Visit.objects.filter(client__in=some).aggregate(first=Min("pk"), last=Max("pk"))
        with connection.cursor() as cursor:
            looked_up = lines_of(cursor, listed(some))
            read = lines_of(cursor, listed(some), (ends["first"] or 0, ends["last"] or 0))
        assert {name: column.tolist() for name, column in read.items()} == {
            name: column.tolist() for name, column in looked_up.items()
        }
        assert len(read["day"]) or not some


def test_visits_far_apart_are_looked_up(salon: dict[str, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    clients = list(Client.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        (near,) = refresh._chunks(cursor, listed(clients))
        cursor.execute("DROP TABLE client_chunk")
        monkeypatch.setattr(refresh, "SPREAD", 0)
        (far,) = refresh._chunks(cursor, listed(clients))
    assert near.near == tuple(Visit.objects.filter(client__in=clients).aggregate(Min("pk"), Max("pk")).values())
    assert far.near is None
