"""What clients have booked."""

from collections.abc import Sequence
from datetime import date

from django.db import connection

from core.appointments.models import Appointment


def next_appointments(client_ids: Sequence[int], *, since: date) -> dict[int, date]:
    """By client, the first day from `since` on that is booked and not cancelled; those who have none are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT client_id, min(day) FROM appointments_appointment "
            "WHERE client_id = ANY(%s) AND day >= %s AND status = ANY(%s) GROUP BY client_id",
            [list(client_ids), since, [Appointment.Status.BOOKED, Appointment.Status.CONFIRMED]],
        )
        return dict(cursor.fetchall())
