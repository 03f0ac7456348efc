"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.appointments.models import Appointment
from core.clients.declaration import CLIENT_REF
from core.shared.file_fields import Field, FileFields, Value, model_field
from core.stores.declaration import STORE_CODE

FILE_FIELDS = (
    FileFields(
        "appointments",
        (
            CLIENT_REF,
            Field("client_name", _("Client’s name"), max_length=100),
            Field("client_phone", _("Client’s phone"), max_length=50),
            Field("started_at", _("Date, or date and time"), Value.DATE_TIME, required=True, years_ahead=3),
            Field("start_time", _("Time of day"), Value.TIME),
            Field("ended_at", _("Time it ends"), Value.TIME),
            model_field(Appointment, "duration_min", label=_("Duration in minutes"), value=Value.MINUTES),
            STORE_CODE,
            Field("staff_code", _("Staff code"), Value.CODE, max_length=64),
            Field("service_code", _("Service, by code or name"), Value.CODE, max_length=100),
            Field("status", _("Status: booked, cancelled …"), essential=True, max_length=100),
            model_field(Appointment, "ref", name="appointment_ref", value=Value.CODE),
            model_field(Appointment, "note", label=_("Note on the appointment"), max_length=2000),
        ),
    ),
)
