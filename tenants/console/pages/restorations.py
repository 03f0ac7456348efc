"""Archives that operators have uploaded, and how far the chains made of them are."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from core.accounts.gates import signed_in
from core.jobs.models import OPEN
from core.jobs.presentation import shown
from core.shared.errors import AppError, show_error
from core.shared.request_bodies import accepts_files
from tenants.console import restorations
from tenants.console.models import Restoration
from tenants.console.pages.base import ConsolePage, column
from tenants.console.presentation import ago, format_size, mark
from tenants.console.uploads import ArchiveHandler, refuse_too_large

# Seconds after which a list with running jobs reloads.
RELOAD = "4"


class RestorationForm(forms.Form):
    archive = forms.FileField(
        label=gettext_lazy("Archive"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=gettext_lazy("A file that an export of a chain gave."),
    )
    address = forms.CharField(
        label=gettext_lazy("Address of the new chain"),
        max_length=63,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("The part before the first dot: letters a to z, digits and hyphens."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the chain"),
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("As in the archive, unless given."),
    )


class RestorationPage(ConsolePage):
    title = gettext_lazy("Restorations")
    menu_icon = "settings_backup_restore"
    list_display = ["address", "name", "file_name", "bytes", "status", "problem", "by", "asked"]
    search_fields = ["arguments__schema", "arguments__name", "arguments__file"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        response = super().changelist_view(request, extra_context)
        if Restoration.objects.filter(state__in=OPEN).exists():
            response.headers["Refresh"] = RELOAD
        return response

    # The token is checked within, after the handler is in place that writes the file where it belongs.
    @csrf_exempt
    @method_decorator(accepts_files(refuse_too_large))
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        handler = ArchiveHandler(request)
        request.upload_handlers = [handler]
        try:
            response: HttpResponse = csrf_protect(self._add)(request, handler)
        finally:
            handler.drop()
        return response

    def _add(self, request: HttpRequest, handler: ArchiveHandler) -> HttpResponse:
        form = RestorationForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
        if handler.problem is not None:
            form.errors.pop("archive", None)
            show_error(form, handler.problem)
        archive = handler.path if handler.problem is None else None
        try:
            if archive is not None and form.is_valid():
                data = form.cleaned_data
                restorations.ask_restoration(
                    acting_user=signed_in(request),
                    archive=archive,
                    file_name=data["archive"].name,
                    address=data["address"],
                    name=data["name"],
                )
                messages.success(request, _("The archive is here; the chain is being made of it."))
                return redirect("console:console_restoration_changelist")
        except AppError as error:
            show_error(form, error)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Restore an archive as a new chain"),
            "about": _(
                "The archive is checked first; one that is damaged or of a newer version makes no chain. Passwords and "
                "two-step sign-in are not in it: owners get a mail to choose a password, the others ask for one where "
                "they sign in."
            ),
            "form": form,
        }
        return render(request, "console/form.html", context, status=400 if form.errors else 200)

    address = column(
        gettext_lazy("Address"), lambda one: restorations.domain_of(one.arguments["schema"]), "arguments__schema"
    )
    name = column(gettext_lazy("Name"), lambda one: str(one.arguments["name"]), "arguments__name")
    file_name = column(gettext_lazy("Archive"), lambda one: str(one.arguments["file"]), "arguments__file")
    bytes = column(gettext_lazy("Size"), lambda one: format_size(one.arguments["size"]), "arguments__size")

    @admin.display(description=gettext_lazy("Status"), ordering="state")
    def status(self, one: Restoration) -> SafeString:
        job = shown(one)
        text = str(job.word) if job.percent is None else f"{job.word} · {job.percent} %"
        return mark(job.tone or "meant", text)

    problem = column(gettext_lazy("Problem"), lambda one: one.error, "error")
    by = column(gettext_lazy("Asked for by"), lambda one: one.asked_by, "asked_by")
    asked = column(gettext_lazy("Asked for"), lambda one: ago(one.asked_at), "asked_at")
