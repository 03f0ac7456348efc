"""The records that imports make and change, and the statement that tells whether one is still as it was left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from django.db.models import DecimalField, Field, Model

from core.appointments.models import Appointment
from core.balances.models import OpeningBalance
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.membership.models import ClientTier, MemberTier
from core.staff.models import StaffMember
from core.stores.models import Store, StoreLocation
from core.visits.models import AppendedLines, Visit, VisitLine

# By table; as a run has them recorded.
Columns = Mapping[str, Sequence[str]] | None
# Tables and columns in which merges since have moved records: `undo_unmerged` (table, column, id, before) says which.
Unmerged = frozenset[tuple[str, str]]
# Among the columns recorded, the last merge there was by then.
LAST_MERGE = "merging_merge"


@dataclass(frozen=True)
class Part:
    """Rows that come and go with a record."""

    model: type[Model]
    # The column that points to the record.
    owner: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table


@dataclass(frozen=True)
class Record:
    model: type[Model]
    parts: tuple[Part, ...] = ()
    # Whether it is brought back with its parts, or not at all; others are brought back column by column.
    is_whole: bool = False
    # Where such rows are parts of another table's: that table, and the column that points there.
    part_of: str = ""
    owner: str = ""

    @property
    def table(self) -> str:
        return self.model._meta.db_table


# In the order in which they go: what points to others first.
RECORDS = (
    Record(Visit, (Part(VisitLine, "visit_id"), Part(AppendedLines, "visit_id")), is_whole=True),
    Record(Appointment),
    Record(OpeningBalance),
    Record(ClientTier, part_of="clients_client", owner="client_id"),
    Record(StoreLocation, part_of="stores_store", owner="store_id"),
    Record(Client, (Part(ClientTier, "client_id"),)),
    Record(StaffMember),
    Record(Service),
    Record(ServiceCategory),
    Record(MemberTier),
    Record(Store, (Part(StoreLocation, "store_id"),)),
)
JOURNALED = tuple(record.model for record in RECORDS)


def told_columns() -> dict[str, list[str]]:
    """By table, the columns that a state is told by. What the product keeps for itself is not among them."""
    models = {record.table: record.model for record in RECORDS} | {
        part.table: part.model for record in RECORDS for part in record.parts
    }
    return {table: _told(model) for table, model in models.items()}


def _told(model: type[Model]) -> list[str]:
    """A part's own id is: of two that are alike, one may have taken the other's place."""
    return [
        field.column for field in model._meta.concrete_fields if field.column and (field.primary_key or field.editable)
    ]


def states(
    record: Record, columns: Columns, ids: str, *, between: bool = False, unmerged: Unmerged = frozenset()
) -> str:
    """A query of the `id` and `state` of the records listed in the table `ids`: a digest of all that is told of the
    record and its parts. Null where it was told by a column that is no more. `between`: each mention of their ids takes
    the first and the last of them as parameters, so that few others are read."""
    state, joins = _digest(record.model, "r", columns, unmerged), ""
    near = "BETWEEN %s AND %s" if between else f"IN (SELECT id FROM {ids})"
    for number, part in enumerate(record.parts):
        digest = _digest(part.model, "p", columns, unmerged)
        joins += (
            f" LEFT JOIN (SELECT p.{part.owner} AS id, bit_xor({digest}) AS digest FROM {part.table} p "
            f"WHERE p.{part.owner} {near} GROUP BY 1) p{number} ON p{number}.id = r.id"
        )
        state += f" # coalesce(p{number}.digest, 0)"
    listed = f"r.id {near} AND r.id IN (SELECT id FROM {ids})" if between else f"r.id {near}"
    return f"SELECT r.id, {state} AS state FROM {record.table} r{joins} WHERE {listed}"


def _digest(model: type[Model], row: str, columns: Columns, unmerged: Unmerged) -> str:
    fields = {field.column: field for field in model._meta.concrete_fields}
    told = (columns or {}).get(model._meta.db_table, ())
    if not told or not set(told) <= set(fields):
        return "NULL::bigint"
    values = chain.from_iterable(_values(fields[column], row, unmerged) for column in told)
    return f"hash_record_extended(ROW({', '.join(values)}), 0)"


def _values(field: Field, row: str, unmerged: Unmerged) -> list[str]:  # type: ignore[type-arg]
    value = without_merges(field, row, unmerged)
    # The hash of a number leaves its sign out.
    return [value, f"{value} < 0"] if isinstance(field, DecimalField) else [value]


def without_merges(field: Field, row: str, unmerged: Unmerged) -> str:  # type: ignore[type-arg]
    """What a column would hold if nothing had been merged since the import: a merge is no change of what it moves."""
    table, column = field.model._meta.db_table, field.column
    value = f"{row}.{column}"
    if (table, column) not in unmerged:
        return value
    before = (
        f"SELECT u.before FROM undo_unmerged u WHERE u.\"table\" = '{table}' AND u.\"column\" = '{column}' "
        f"AND u.id = {row}.id"
    )
    return f"coalesce(({before}), {value})"
