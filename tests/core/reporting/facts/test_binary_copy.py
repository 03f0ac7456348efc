import numpy as np
import pytest
from django.db import connection

from core.reporting.facts.binary_copy import copied_out, unpacked
from tenants.models import Chain

PAIR = np.dtype([("first", "i4"), ("second", "i2")])


@pytest.mark.parametrize("count", [0, 1, 2, 70_000])
def test_all_rows_come_whatever_they_end_with(chain: Chain, count: int) -> None:
    """-1 in the last field looks like the trailer."""
    last = "CASE WHEN n % 3 = 1 THEN -1 ELSE n % 7 END"
    with connection.cursor() as cursor:
        data = copied_out(cursor, f"SELECT n, ({last})::int2 FROM generate_series(1, {count}) n")
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    rows = unpacked(data, PAIR)
    assert rows["first"].tolist() == list(range(1, count + 1))
    assert rows["second"].tolist() == [-1 if n % 3 == 1 else n % 7 for n in range(1, count + 1)]


def test_a_null_is_refused(chain: Chain) -> None:
    with connection.cursor() as cursor:
        data = copied_out(cursor, "SELECT 1, NULL::int2")
    with pytest.raises(ValueError, match="second is null"):
        unpacked(data, PAIR)
