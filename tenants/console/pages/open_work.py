"""The list of background work that waits or has failed, each piece with a button that starts it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.accounts.gates import signed_in
from core.shared.errors import AppError
from tenants.console.models import OpenWork
from tenants.console.open_work.listing import retry, sources
from tenants.console.open_work.sources import title_of
from tenants.console.pages.base import ConsolePage, chain_link, column, row_button
from tenants.console.presentation import ago, mark

TONES = {OpenWork.Status.FAILED: "bad", OpenWork.Status.WAITING: "meant"}


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("Kind")
    parameter_name = "kind"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [(kind.name, str(kind.title)) for kind in sources().values()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[OpenWork]) -> QuerySet[OpenWork]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class OpenWorkPage(ConsolePage):
    title = gettext_lazy("Jobs")
    menu_icon = "manufacturing"
    list_display = ["kind_name", "of_chain", "state", "since_text", "problem", "again"]
    list_filter = ["status", KindFilter]
    search_fields = ["chain__name", "chain__schema_name", "problem"]
    list_select_related = ["chain"]

    def get_urls(self) -> list[URLPattern]:
        again = path(
            "<int:work_id>/retry/", self.admin_site.admin_view(require_POST(self._retry)), name="open_work_retry"
        )
        return [again, *super().get_urls()]

    def _retry(self, request: HttpRequest, work_id: int) -> HttpResponse:
        work = get_object_or_404(OpenWork.objects.select_related("chain"), pk=work_id)
        try:
            retry(work, acting_user=signed_in(request))
        except AppError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("Started again. It leaves the list once it is done."))
        return redirect("console:console_openwork_changelist")

    kind_name = column(gettext_lazy("Kind"), lambda work: title_of(work.kind), "kind")

    of_chain = column(gettext_lazy("Salon chain"), lambda work: chain_link(work.chain), "chain__name")

    state = column(gettext_lazy("Status"), lambda work: mark(TONES[work.status], work.get_status_display()), "status")
    since_text = column(gettext_lazy("When"), lambda work: ago(work.since), "since")

    again = column(gettext_lazy("Actions"), lambda work: row_button(_("Try again"), "open_work_retry", work.pk))
