"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.accounts.sections import Section
from core.audit.actions import AuditAction, SubjectKind
from core.catalogue.models import Service
from core.shared.file_fields import NAME, Field, FileFields, Value, model_field

MANAGE_SERVICES = right("manage_services", _("Correct services and categories"), Role.HQ, place=9)
RIGHTS = (MANAGE_SERVICES,)
SECTIONS = (Section("services", _("Services"), "services:list", MANAGE_SERVICES, place=5),)


class Action(AuditAction):
    SERVICE_CHANGED = "service.changed", _("Service changed")
    SERVICE_DELETED = "service.deleted", _("Service deleted")
    CATEGORY_CHANGED = "category.changed", _("Category renamed")
    CATEGORY_DELETED = "category.deleted", _("Category deleted")


class Kind(SubjectKind):
    SERVICE = "service", _("Service")
    CATEGORY = "servicecategory", _("Category")


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
