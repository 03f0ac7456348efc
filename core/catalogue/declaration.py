"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.catalogue.models import Service
from core.shared.file_fields import NAME, Field, FileFields, Value, model_field

FILE_FIELDS = (
    FileFields(
        "services",
        (
            model_field(Service, "code", name="service_code", value=Value.CODE, required=True),
            model_field(Service, "name", label=NAME, required=True),
            Field("category", _("Category"), required=True, max_length=100, column="category_id"),
            model_field(Service, "price"),
            model_field(Service, "duration_min", label=_("Duration in minutes"), value=Value.MINUTES),
            model_field(Service, "interval_days", label=_("Days until the next visit is due"), largest=3650),
        ),
    ),
)
