"""Rows that are the sum of other rows and do not say so: of a receipt, or of a day of a store."""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.services.kinds.visit_staging import EXAMPLES
from core.imports.services.questions import Choice, Question
from core.shared.figures import money

LEAVE_OUT, COUNT = "leave_out", "count"
# Of the days with other rows, at least so many have such a sum, and at least this share.
DAYS_WITH_SUMS, SHARE_OF_DAYS = 2, 0.5
# A row of a receipt that names no service, where all others do.
_OF_RECEIPTS = """
    SELECT min(line) FILTER (WHERE service_id IS NULL) AS line
    FROM import_line WHERE NOT bad AND ref IS NOT NULL GROUP BY store_id, ref, day
    HAVING count(*) > 1 AND count(*) FILTER (WHERE service_id IS NULL) = 1
       AND sum(amount) FILTER (WHERE service_id IS NULL) = sum(amount) FILTER (WHERE service_id IS NOT NULL)"""
# A row of a day that names neither client, receipt nor service, where all others have a client.
_OF_DAYS = """
    SELECT min(line) FILTER (WHERE client IS NULL) AS line,
           count(*) FILTER (WHERE client IS NULL) = 1 AND min(ref) FILTER (WHERE client IS NULL) IS NULL
           AND min(service_id) FILTER (WHERE client IS NULL) IS NULL
           AND sum(amount) FILTER (WHERE client IS NULL) = sum(amount) FILTER (WHERE client IS NOT NULL) AS is_sum
    FROM import_line WHERE NOT bad GROUP BY store_id, day HAVING count(client) > 0"""


@dataclass(frozen=True)
class Sums:
    rows: int
    # Line and amount.
    examples: tuple[tuple[int, str], ...]


def sums_of_receipts(cursor: CursorWrapper) -> Sums | None:
    """Leaves their lines in the table `import_sum`; None where there are none."""
    cursor.execute("SELECT EXISTS (SELECT FROM import_line WHERE service_id IS NULL AND NOT bad)")
    return _kept(cursor, _OF_RECEIPTS) if cursor.fetchone()[0] else None


def sums_of_days(cursor: CursorWrapper) -> Sums | None:
    cursor.execute("SELECT EXISTS (SELECT FROM import_visit WHERE client IS NULL AND ref IS NULL AND lines = 1)")
    if not cursor.fetchone()[0]:
        return None
    cursor.execute(f"SELECT count(*), count(*) FILTER (WHERE is_sum) FROM ({_OF_DAYS}) AS days")  # noqa: S608
    days, with_sums = cursor.fetchone()
    if with_sums < DAYS_WITH_SUMS or with_sums < SHARE_OF_DAYS * days:
        return None
    return _kept(cursor, f"SELECT line FROM ({_OF_DAYS}) AS days WHERE is_sum")  # noqa: S608


def leave_sums_out(cursor: CursorWrapper) -> None:
    """Those of the table `import_sum`. Visits have to be grouped anew."""
    cursor.execute("DELETE FROM import_line l USING import_sum s WHERE l.line = s.line")


def sum_question(key: str, sums: Sums) -> Question:
    text = ngettext(
        "%d row says no more than an amount, which is the sum of the rows beside it. Is it a total?",
        "%d rows say no more than an amount, which is the sum of the rows beside them. Are they totals?",
        sums.rows,
    )
    return Question(
        key,
        text % sums.rows,
        (
            Choice(LEAVE_OUT, _("Totals: leave them out")),
            Choice(COUNT, _("Visits like the others: count them")),
        ),
        proposed=LEAVE_OUT,
        rows=sums.rows,
        examples=tuple(
            _("Row %(line)d: %(amount)s") % {"line": line, "amount": amount} for line, amount in sums.examples
        ),
        effect=_("As visits, their revenue would count twice."),
    )


def _kept(cursor: CursorWrapper, query: str) -> Sums | None:
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_sum")
    cursor.execute(
        f"CREATE TEMP TABLE import_sum ON COMMIT DROP AS SELECT l.line, l.amount FROM ({query}) AS s "  # noqa: S608
        "JOIN import_line l ON l.line = s.line WHERE l.amount <> 0"
    )
    if not cursor.rowcount:
        return None
    rows = cursor.rowcount
    cursor.execute(f"SELECT line, amount FROM import_sum ORDER BY line LIMIT {EXAMPLES}")  # noqa: S608
    return Sums(rows, tuple((line, money(amount)) for line, amount in cursor.fetchall()))
