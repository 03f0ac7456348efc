"""Services and their categories: found, corrected, deleted."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.catalogue.declaration import MANAGE_SERVICES
from core.catalogue.forms import CategoryForm, ServiceForm
from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.catalogue.services.editing import change_service, delete_category, delete_service, rename_category
from core.shared.errors import AppError, show_error
from core.shared.lists import page_of
from core.shared.merged import is_named

ROWS = 50
MAXIMUM_QUERY = 100
# What the lists sort by, and the fields that stand for it.
COLUMNS = {"name": ("name",), "code": ("code",), "category": ("category__name", "name"), "price": ("price",)}
CATEGORY_COLUMNS = {"name": ("name",), "services": ("service_count",)}


@needs(MANAGE_SERVICES)
@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:MAXIMUM_QUERY]
    found = Service.objects.select_related("category").order_by("name", "pk")
    if text:
        found = found.filter(Q(name__icontains=text) | Q(code__istartswith=text) | Q(category__name__icontains=text))
    page = page_of(found, request, ROWS, COLUMNS)
    return render(request, "catalogue/services.html", {"q": text, "pages": page})


@needs(MANAGE_SERVICES)
@require_http_methods(["GET", "HEAD", "POST"])
def service(request: HttpRequest, service_id: int) -> HttpResponse:
    known = get_object_or_404(Service.objects.select_related("category"), pk=service_id)
    form = ServiceForm(request.POST or None, initial=ServiceForm.initial_of(known))
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_service(service_id=known.pk, values=form.cleaned_data, acting_user=signed_in(request))
        except AppError as error:
            if error.field not in form.fields:
                raise
            show_error(form, error)
        else:
            messages.success(request, _("“%s” is saved.") % changed)
            return redirect("services:list")
    categories = ServiceCategory.objects.order_by("name").values_list("name", flat=True)
    context = {"form": form, "service": known, "categories": categories, "has_records": is_named(known)}
    return render(request, "catalogue/service.html", context, status=400 if form.errors else 200)


@needs(MANAGE_SERVICES)
@require_POST
def service_deletion(request: HttpRequest, service_id: int) -> HttpResponse:
    known = get_object_or_404(Service, pk=service_id)
    delete_service(service_id=known.pk, acting_user=signed_in(request))
    messages.success(request, _("“%s” is deleted.") % known)
    return redirect("services:list")


@needs(MANAGE_SERVICES)
@require_safe
def category_list(request: HttpRequest) -> HttpResponse:
    here = Q(services__merged_into=None)
    found = ServiceCategory.objects.annotate(service_count=Count("services", filter=here)).order_by("name", "pk")
    page = page_of(found, request, ROWS, CATEGORY_COLUMNS)
    return render(request, "catalogue/categories.html", {"pages": page, "of_none": UNCATEGORISED})


@needs(MANAGE_SERVICES)
@require_http_methods(["GET", "HEAD", "POST"])
def category(request: HttpRequest, category_id: int) -> HttpResponse:
    known = get_object_or_404(ServiceCategory.objects.exclude(name=UNCATEGORISED), pk=category_id)
    form = CategoryForm(request.POST or None, initial=CategoryForm.initial_of(known))
    if request.method == "POST" and form.is_valid():
        try:
            changed = rename_category(category_id=known.pk, acting_user=signed_in(request), **form.cleaned_data)
        except AppError as error:
            if error.field not in form.fields:
                raise
            show_error(form, error)
        else:
            messages.success(request, _("“%s” is saved.") % changed)
            return redirect("services:categories")
    context = {"form": form, "category": known, "has_records": is_named(known)}
    return render(request, "catalogue/category.html", context, status=400 if form.errors else 200)


@needs(MANAGE_SERVICES)
@require_POST
def category_deletion(request: HttpRequest, category_id: int) -> HttpResponse:
    known = get_object_or_404(ServiceCategory, pk=category_id)
    delete_category(category_id=known.pk, acting_user=signed_in(request))
    messages.success(request, _("“%s” is deleted.") % known)
    return redirect("services:categories")
