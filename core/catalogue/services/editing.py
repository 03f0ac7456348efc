"""Correcting services and categories, and deleting those that were made by mistake."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.catalogue.declaration import MANAGE_SERVICES, Action
from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.catalogue.signals import services_recategorised
from core.shared.errors import AppError
from core.shared.merged import delete_unnamed, free_code, is_named, keep_code
from core.shared.record_locks import lock_record

FIELDS = ("code", "name", "category", "price", "duration_min", "interval_days")


def change_service(*, service_id: int, values: Mapping[str, Any], acting_user: User | None) -> Service:
    """`values` are of FIELDS, the category by its name; one that is not known is made. Lines without a category of
    their own follow. Files that name the service by its former code mean it still.

    Raises AppError: no right, no such service, one that an import is using, a code that another has or had.
    """
    require_right(acting_user, MANAGE_SERVICES)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            service = _locked_service(service_id)
            before, code, category = _told(service), service.code, service.category_id
            free_code(service, code=values["code"])
            for name in FIELDS:
                setattr(service, name, _category(values[name]) if name == "category" else values[name])
            service.save(update_fields=FIELDS)
            if service.code != code:
                keep_code(service, code=code, name=code, category=service.category)
            if service.category_id != category:
                Service.known.filter(merged_into=service, is_former=True).update(category=service.category)
                services_recategorised.send(Service, cursor=cursor, services=[service.pk])
            record(
                action=Action.SERVICE_CHANGED,
                acting_user=acting_user,
                subject=service,
                before=before,
                after=_told(service),
            )
    except IntegrityError as error:
        message = _("“%s” is the code of another service, or was before it was merged or renamed.")
        raise AppError("code_taken", message % values["code"], field="code", status=409) from error
    return service


def delete_service(*, service_id: int, acting_user: User) -> None:
    """Raises AppError: no right, no such service, one that an import is using, one that has lines."""
    require_right(acting_user, MANAGE_SERVICES)
    with transaction.atomic():
        service = _locked_service(service_id)
        if is_named(service):
            raise AppError("service_has_records", _("This service has been sold: it cannot be deleted."), status=409)
        record(action=Action.SERVICE_DELETED, acting_user=acting_user, subject=service, before=_told(service))
        delete_unnamed(service)


def rename_category(*, category_id: int, name: str, acting_user: User) -> ServiceCategory:
    """Files that name it as before mean it still. Raises AppError: no right, no such category, a name that another has
    or had, the category of what has none."""
    require_right(acting_user, MANAGE_SERVICES)
    try:
        with transaction.atomic():
            category = _locked_category(category_id)
            former = category.name
            free_code(category, name=name)
            category.name = name
            category.save(update_fields=["name"])
            if name != former:
                keep_code(category, name=former)
            record(
                action=Action.CATEGORY_CHANGED,
                acting_user=acting_user,
                subject=category,
                before={"name": former},
                after={"name": name},
            )
    except IntegrityError as error:
        message = _("“%s” is the name of another category, or was before it was renamed.")
        raise AppError("name_taken", message % name, field="name", status=409) from error
    return category


def delete_category(*, category_id: int, acting_user: User) -> None:
    """Raises AppError: no right, no such category, one that has services or lines."""
    require_right(acting_user, MANAGE_SERVICES)
    with transaction.atomic():
        category = _locked_category(category_id)
        if is_named(category):
            message = _("This category has services or lines: it cannot be deleted.")
            raise AppError("category_has_records", message, status=409)
        record(action=Action.CATEGORY_DELETED, acting_user=acting_user, subject=category)
        delete_unnamed(category)


def _locked_service(service_id: int) -> Service:
    message = _("An import is using this service. Try again when it has finished.")
    in_use = AppError("in_use", message, status=409)
    service = lock_record(Service.objects.filter(pk=service_id), in_use)
    if service is None:
        raise AppError("unknown_service", _("There is no such service."), status=404)
    return service


def _locked_category(category_id: int) -> ServiceCategory:
    message = _("An import is using this category. Try again when it has finished.")
    in_use = AppError("in_use", message, status=409)
    category = lock_record(ServiceCategory.objects.filter(pk=category_id), in_use)
    if category is None:
        raise AppError("unknown_category", _("There is no such category."), status=404)
    if category.name == UNCATEGORISED:
        message = _("This category stands for lines without one. It cannot be renamed or deleted.")
        raise AppError("category_of_none", message, field="name", status=409)
    return category


def _category(name: str) -> ServiceCategory:
    known = ServiceCategory.known.filter(name=name).first()
    if known is None:
        return ServiceCategory.objects.create(name=name)
    return ServiceCategory.objects.get(pk=known.merged_into_id or known.pk)


def _told(service: Service) -> dict[str, Any]:
    """For the audit trail."""
    plain = {name: getattr(service, name) for name in FIELDS if name not in {"code", "category"}}
    return {"service_code": service.code, **plain, "category": service.category.name}
