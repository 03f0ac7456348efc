"""Staff: found, corrected, deleted."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.shared.errors import AppError, show_error
from core.shared.lists import page_of
from core.shared.merged import is_named
from core.staff.declaration import MANAGE_STAFF
from core.staff.forms import StaffForm
from core.staff.models import StaffMember
from core.staff.services.editing import change_staff, delete_staff

ROWS = 50
MAXIMUM_QUERY = 100
# What the list sorts by, and the fields that stand for it.
COLUMNS = {"name": ("name",), "code": ("code",), "store": ("store__name", "name"), "role": ("role", "name")}


@needs(MANAGE_STAFF)
@require_safe
def staff_list(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:MAXIMUM_QUERY]
    found = StaffMember.objects.select_related("store").order_by("name", "pk")
    if text:
        found = found.filter(Q(name__icontains=text) | Q(code__istartswith=text) | Q(store__name__icontains=text))
    page = page_of(found, request, ROWS, COLUMNS)
    return render(request, "staff/list.html", {"q": text, "pages": page})


@needs(MANAGE_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, staff_id: int) -> HttpResponse:
    known = get_object_or_404(StaffMember.objects.select_related("store"), pk=staff_id)
    form = StaffForm(request.POST or None, initial=StaffForm.initial_of(known))
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_staff(staff_id=known.pk, values=form.cleaned_data, acting_user=signed_in(request))
        except AppError as error:
            if error.field not in form.fields:
                raise
            show_error(form, error)
        else:
            messages.success(request, _("“%s” is saved.") % changed)
            return redirect("staff:list")
    context = {"form": form, "member": known, "has_records": is_named(known)}
    return render(request, "staff/member.html", context, status=400 if form.errors else 200)


@needs(MANAGE_STAFF)
@require_POST
def deletion(request: HttpRequest, staff_id: int) -> HttpResponse:
    known = get_object_or_404(StaffMember, pk=staff_id)
    delete_staff(staff_id=known.pk, acting_user=signed_in(request))
    messages.success(request, _("“%s” is deleted.") % known)
    return redirect("staff:list")
