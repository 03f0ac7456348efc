"""Whom the register has by a phone."""

import pytest
from django.db import connection

from core.clients.models import Client
from core.clients.services.matching import WITH_PHONES, note_phones


@pytest.mark.usefixtures("chain")
def test_phones_are_looked_up_by_an_index() -> None:
    """However the keys are staged; each with each would take minutes."""
    client = Client.objects.create(ref="M1", phone="139 0000 1111")
    with connection.cursor() as cursor:
        note_phones(cursor, """SELECT '+8613900001111' COLLATE "C" AS key""")
        cursor.execute("SELECT key, id FROM client_phone")
        assert cursor.fetchall() == [("13900001111", client.pk)]
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {WITH_PHONES}", [["0001111"]])
        plan = "".join(line for (line,) in cursor.fetchall())
    assert "clients_client_phone_end" in plan
    assert "Index Cond" in plan
