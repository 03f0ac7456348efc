"""Which records the rows of a staging table are, where neither has a code."""

from collections.abc import Collection, Mapping

from django.db.models import Model

from core.shared.bulk_writes import Staging


def match_in_order(
    staging: Staging,
    model: type[Model],
    same: Mapping[str, str],
    *,
    narrow: Collection[str],
    rows: str = "true",
    records: str = "true",
) -> None:
    """Sets `known` of the rows `i` to the id of the record `m` of which all is the same, none of it null: `same` gives
    expressions of the row by those of the record. Where several are alike the first row is the first record, and so on.

    Records are looked up by the columns `narrow`, which are some of those of `same`. `rows` and `records` say which are
    looked at; a record that another row is already is passed over.
    """
    # Rows are told by their place: several may be of one line of the file.
    table, cursor = staging.rows, staging.cursor
    keys = ", ".join(f"{row} AS k{number}" for number, row in enumerate(same.values()))
    of_record = ", ".join(f"{record} AS k{number}" for number, record in enumerate(same))
    joined = " AND ".join(f"s.k{number} = r.k{number}" for number in range(len(same)))
    narrowed = ", ".join(narrow)
    taken = f"EXISTS (SELECT FROM {table} o WHERE o.known = m.id)"
    wanted = f"NOT i.bad AND i.known IS NULL AND {rows}"
    cursor.execute(
        f"UPDATE {table} i SET known = r.id FROM ("  # noqa: S608
        f"SELECT i.ctid AS place, {keys}, "
        f"row_number() OVER (PARTITION BY {', '.join(same.values())} ORDER BY i.line) AS nth "
        f"FROM {table} i WHERE {wanted}) AS s JOIN ("
        f"SELECT m.id, {of_record}, row_number() OVER (PARTITION BY {', '.join(same)} ORDER BY m.id) AS nth "
        f"FROM {model._meta.db_table} m "
        f"WHERE ({narrowed}) IN (SELECT {', '.join(same[column] for column in narrow)} FROM {table} i WHERE {wanted}) "
        f"AND {records} AND NOT {taken}) AS r ON {joined} AND s.nth = r.nth "
        "WHERE i.ctid = s.place"
    )
