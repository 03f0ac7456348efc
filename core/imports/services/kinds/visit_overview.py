"""What a visits file holds, in figures that its owner knows by heart: asked for by a check, before anything is kept."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.backends.utils import CursorWrapper

SAMPLES = 12
# Months of which the chain's revenue before is asked, the latest ones of the file.
MOST_MONTHS = 36
# A month that the file adds about as much to as there was is likely there already.
LIKE_BEFORE = (Decimal("0.8"), Decimal("1.25"))

_TOTALS = """
    SELECT min(day), max(day), count(DISTINCT store_id), count(*), count(*) FILTER (WHERE client IS NULL),
           coalesce(sum(amount) FILTER (WHERE NOT paid_by_card), 0)
    FROM import_line WHERE NOT bad"""
_VISITS = "SELECT count(*), count(DISTINCT client_id) FROM import_visit"
_MONTHS = """
    SELECT date_trunc('month', day)::date, coalesce(sum(amount) FILTER (WHERE NOT paid_by_card), 0)
    FROM import_line WHERE NOT bad GROUP BY 1 ORDER BY 1 DESC LIMIT %s"""
_KNOWN_MONTHS = """
    SELECT date_trunc('month', v.day)::date, sum(l.amount) FILTER (WHERE NOT l.paid_by_card)
    FROM visits_visit v JOIN visits_visitline l ON l.visit_id = v.id
    WHERE v.voided_at IS NULL AND v.store_id IN (SELECT DISTINCT store_id FROM import_line WHERE NOT bad)
    AND v.day >= %s AND v.day < %s::date + interval '1 month' GROUP BY 1"""
# Some from all over the file, in its order.
_SAMPLES = """
    SELECT v.day, v.start_time, s.name, coalesce(nullif(c.name, ''), c.ref), v.ref, v.lines,
           (SELECT sum(l.amount) FROM import_line l WHERE l.key = v.key AND NOT l.bad)
    FROM (SELECT *, row_number() OVER (ORDER BY line) - 1 AS place, count(*) OVER () AS visits FROM import_visit) AS v
    JOIN stores_store s ON s.id = v.store_id LEFT JOIN clients_client c ON c.id = v.client_id
    WHERE v.place %% greatest(v.visits / %s, 1) = 0 ORDER BY v.line LIMIT %s"""


class VisitOverview:
    """Made when the lines are gathered to visits, completed when they are loaded."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self._cursor = cursor
        first, last, stores, lines, anonymous, revenue = self._row(_TOTALS)
        visits, clients = self._row(_VISITS)
        self._values = {
            "first_day": first, "last_day": last, "stores": stores, "lines": lines, "anonymous_lines": anonymous,
            "revenue": revenue, "visits": visits, "clients": clients, "samples": self._samples(),
        }  # fmt: skip
        self._months: dict[date, Decimal] = dict(sorted(self._rows(_MONTHS, MOST_MONTHS)))
        self._before = self._known_months()

    def after_loading(self, *, new_clients: int) -> dict[str, Any]:
        """As JSON: amounts and dates as texts."""
        after = self._known_months()
        months = [
            _month(month, revenue, self._before.get(month, Decimal(0)), after.get(month, Decimal(0)))
            for month, revenue in self._months.items()
        ]
        return {**as_texts(self._values), "new_clients": new_clients, "months": months}

    def _samples(self) -> list[dict[str, Any]]:
        names = ("day", "time", "store", "client", "receipt", "lines", "amount")
        return [as_texts(dict(zip(names, row, strict=True))) for row in self._rows(_SAMPLES, SAMPLES, SAMPLES)]

    def _known_months(self) -> dict[date, Decimal]:
        if not self._months:
            return {}
        return {
            month: revenue or Decimal(0)
            for month, revenue in self._rows(_KNOWN_MONTHS, min(self._months), max(self._months))
        }

    def _row(self, query: str, *values: Any) -> Any:
        return self._rows(query, *values)[0]

    def _rows(self, query: str, *values: Any) -> list[Any]:
        self._cursor.execute(query, values or None)
        return list(self._cursor.fetchall())


def _month(month: date, in_file: Decimal, before: Decimal, after: Decimal) -> dict[str, Any]:
    added = after - before
    least, most = LIKE_BEFORE
    doubles = before > 0 and least * before <= added <= most * before
    return as_texts({"month": month, "in_file": in_file, "before": before, "after": after, "doubles": doubles})


def as_texts(values: Mapping[str, Any]) -> dict[str, Any]:
    plain = (bool, int, str, list, dict, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in values.items()}
