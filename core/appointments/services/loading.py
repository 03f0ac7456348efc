"""Appointments, as files bring them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.appointments.models import Appointment
from core.shared.bulk_matching import match_in_order
from core.shared.bulk_writes import Staging, upsert

EXAMPLES = 3
# By column of the model, what the staged row `i` says.
Columns = Mapping[str, str]


def find_appointments(staging: Staging, columns: Columns) -> None:
    """Sets `known` of each row that is there: by number and client, else by client, day, time and service; where nobody
    is known, by the staff too."""
    client = {"coalesce(m.client_id, 0)": f"coalesce({columns['client_id']}, 0)"}
    numbered = "false"
    if "ref" in columns:
        numbered = f"{columns['ref']} IS NOT NULL"
        same = {"m.ref": columns["ref"], "m.store_id": columns["store_id"], **client}
        # Of several services of one booking each is itself; what is left has become another service.
        for others in (_what(columns), {}):
            match_in_order(staging, Appointment, {**same, **others}, narrow=["m.ref", "m.store_id"], rows=numbered)
    same = {**_of_the_day(columns), "m.start_time": columns["start_time"]}
    open_rows, narrow = f"NOT ({numbered})", ["m.store_id", "m.day"]
    match_in_order(staging, Appointment, same, narrow=narrow, rows=open_rows)
    for record, row in _what(columns).items():
        # An earlier file did not say the service, or this one does not.
        others = {key: value for key, value in same.items() if key != record}
        match_in_order(staging, Appointment, others, narrow=narrow, rows=open_rows, records=f"{record} = 0")
        match_in_order(staging, Appointment, others, narrow=narrow, rows=f"{open_rows} AND {row} = 0")


def _of_the_day(columns: Columns) -> dict[str, str]:
    """What tells apart the appointments of a day, but for their times."""
    client, same = columns["client_id"], {"m.store_id": columns["store_id"], "m.day": columns["day"]}
    same["coalesce(m.client_id, 0)"] = f"coalesce({client}, 0)"
    if "staff_id" in columns:
        staff = f"CASE WHEN {client} IS NULL THEN coalesce({columns['staff_id']}, 0) ELSE 0 END"
        same["CASE WHEN m.client_id IS NULL THEN coalesce(m.staff_id, 0) ELSE 0 END"] = staff
    return {**same, **_what(columns)}


def _what(columns: Columns) -> dict[str, str]:
    if "service_id" not in columns:
        return {}
    return {"coalesce(m.service_id, 0)": f"coalesce({columns['service_id']}, 0)"}


@dataclass(frozen=True)
class WithoutTime:
    """Rows that agree with an appointment that is there in store, client, day and service, where one of the two has no
    time; how many of them say of one alone that it was cancelled."""

    rows: int
    cancelled: int
    examples: tuple[str, ...]


def find_without_time(staging: Staging, columns: Columns, *, status: str) -> WithoutTime:
    """Leaves them in the temporary table `appointment_pair`."""
    cursor, table = staging.cursor, staging.rows
    same = _of_the_day(columns)
    of_row = f"{', '.join(same.values())}, {columns['start_time']} = '00:00'"
    of_record = f"{', '.join(same)}, m.start_time = '00:00'"
    keys = " AND ".join(f"s.k{number} = r.k{number}" for number in range(len(same)))
    cursor.execute("DROP TABLE IF EXISTS pg_temp.appointment_pair")
    cursor.execute(
        "CREATE TEMP TABLE appointment_pair ON COMMIT DROP AS SELECT s.place, s.line, r.id, "  # noqa: S608
        f"(s.status = 'cancelled') <> (r.status = 'cancelled') AS cancelled FROM ("
        f"SELECT i.ctid AS place, i.line, {_listed(same.values())}, {columns['start_time']} = '00:00' AS timeless, "
        f"{status} AS status, "
        f"row_number() OVER (PARTITION BY {of_row} ORDER BY i.line) AS nth FROM {table} i "
        "WHERE NOT i.bad AND i.known IS NULL) AS s JOIN ("
        f"SELECT m.id, {_listed(same)}, m.start_time = '00:00' AS timeless, m.status, "
        f"row_number() OVER (PARTITION BY {of_record} ORDER BY m.id) AS nth FROM appointments_appointment m "
        f"WHERE (m.store_id, m.day) IN (SELECT {columns['store_id']}, {columns['day']} FROM {table} i) "
        f"AND NOT EXISTS (SELECT FROM {table} o WHERE o.known = m.id)) AS r "
        f"ON {keys} AND s.nth = r.nth AND s.timeless <> r.timeless"
    )
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE p.cancelled), (array_agg(concat_ws(' · ', c.ref, m.day, s.code) "
        "ORDER BY NOT p.cancelled, p.line))[1:3] FROM appointment_pair p JOIN appointments_appointment m USING (id) "
        "LEFT JOIN clients_client c ON c.id = m.client_id LEFT JOIN catalogue_service s ON s.id = m.service_id"
    )
    rows, cancelled, examples = cursor.fetchone()
    return WithoutTime(rows, cancelled, tuple(examples or ()))


@dataclass(frozen=True)
class Moved:
    """Rows of open appointments that are not known, of a client, store and service for whom one is known within a week
    that the file does not name."""

    rows: int
    examples: tuple[str, ...]


def find_moved(staging: Staging, columns: Columns, *, status: str) -> Moved:
    """Leaves them in the temporary table `appointment_pair`: each with the one that is nearest, and none twice."""
    cursor, table = staging.cursor, staging.rows
    same = {"m.store_id": columns["store_id"], "m.client_id": columns["client_id"], **_what(columns)}
    keys = " AND ".join(f"s.k{number} = r.k{number}" for number in range(len(same)))
    wanted = f"NOT i.bad AND i.known IS NULL AND {status} NOT IN ('cancelled', 'no_show')"
    if "ref" in columns:
        wanted += f" AND {columns['ref']} IS NULL"
    far = "abs(extract(epoch FROM (s.day + s.start_time) - (r.day + r.start_time)))"
    cursor.execute("DROP TABLE IF EXISTS pg_temp.appointment_pair")
    cursor.execute(
        "CREATE TEMP TABLE appointment_pair ON COMMIT DROP AS SELECT * FROM ("  # noqa: S608
        "SELECT s.place, s.line, s.day, s.start_time, r.id, "
        f"row_number() OVER (PARTITION BY s.place ORDER BY {far}, r.id) AS of_row, "
        f"row_number() OVER (PARTITION BY r.id ORDER BY {far}, s.line, s.place) AS of_record FROM ("
        f"SELECT i.ctid AS place, i.line, {columns['day']} AS day, {columns['start_time']} AS start_time, "
        f"{_listed(same.values())} FROM {table} i WHERE {wanted}) AS s JOIN ("
        f"SELECT m.id, m.day, m.start_time, {_listed(same)} FROM appointments_appointment m "
        f"WHERE m.client_id IN (SELECT {columns['client_id']} FROM {table} i WHERE {wanted}) "
        "AND m.status IN ('booked', 'confirmed') "
        f"AND NOT EXISTS (SELECT FROM {table} o WHERE o.known = m.id)) AS r ON {keys} AND abs(s.day - r.day) < 7 "
        # Whether one without a time is the other is asked by itself.
        "AND (s.day <> r.day OR s.start_time <> '00:00' AND r.start_time <> '00:00')) AS near "
        "WHERE of_row = 1 AND of_record = 1"
    )
    cursor.execute(
        "SELECT count(*), (array_agg(concat_ws(' · ', c.ref, s.code, "
        "concat(m.day, to_char(m.start_time, ' HH24:MI'), ' → ', p.day, to_char(p.start_time, ' HH24:MI'))) "
        "ORDER BY p.line))[1:3] FROM appointment_pair p JOIN appointments_appointment m USING (id) "
        "JOIN clients_client c ON c.id = m.client_id LEFT JOIN catalogue_service s ON s.id = m.service_id"
    )
    rows, examples = cursor.fetchone()
    return Moved(rows, tuple(examples or ()))


def _listed(expressions: Iterable[str]) -> str:
    return ", ".join(f"{one} AS k{number}" for number, one in enumerate(expressions))


def take_as_known(staging: Staging) -> None:
    """The rows of `appointment_pair` are those appointments."""
    staging.cursor.execute(
        f"UPDATE {staging.rows} i SET known = p.id FROM appointment_pair p WHERE p.place = i.ctid"  # noqa: S608
    )


def load_appointments(staging: Staging, columns: Columns) -> None:
    """Rows with `known` say anew what they are; a time that is not known leaves the one that is."""
    said = {**columns, "start_time": f"nullif({columns['start_time']}, '00:00')"}
    upsert(staging, Appointment, match="m.id = i.known", columns=said, key=[])
