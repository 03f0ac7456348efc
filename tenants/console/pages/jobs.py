"""The list of jobs, each with a button that starts it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.shared.errors import AppError
from tenants.console.models import Job
from tenants.console.open_work.listing import retry, sources
from tenants.console.open_work.sources import title_of
from tenants.console.pages.base import ConsolePage, get_operator
from tenants.console.presentation import ago


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("Kind")
    parameter_name = "kind"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [(kind.name, str(kind.title)) for kind in sources().values()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class JobPage(ConsolePage):
    title = gettext_lazy("Jobs")
    menu_icon = "manufacturing"
    list_display = ["kind_name", "of_chain", "state", "since_text", "problem", "again"]
    list_filter = ["status", KindFilter]
    search_fields = ["chain__name", "chain__schema_name", "problem"]
    list_select_related = ["chain"]

    def get_urls(self) -> list[URLPattern]:
        again = path("<int:job_id>/retry/", self.admin_site.admin_view(require_POST(self._retry)), name="job_retry")
        return [again, *super().get_urls()]

    def _retry(self, request: HttpRequest, job_id: int) -> HttpResponse:
        job = get_object_or_404(Job.objects.select_related("chain"), pk=job_id)
        try:
            retry(job, acting_user=get_operator(request))
        except AppError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("Started again. It leaves the list once it is done."))
        return redirect("console:console_job_changelist")

    @admin.display(description=gettext_lazy("Kind"), ordering="kind")
    def kind_name(self, job: Job) -> str:
        return title_of(job.kind)

    @admin.display(description=gettext_lazy("Salon chain"), ordering="chain__name")
    def of_chain(self, job: Job) -> SafeString | str:
        if job.chain is None:
            return "–"
        url = reverse("console:tenants_chain_change", args=[job.chain.pk])
        return format_html('<a href="{}">{}</a>', url, job.chain.name)

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def state(self, job: Job) -> SafeString:
        mark = "bad" if job.status == Job.Status.FAILED else "meant"
        return format_html('<span class="mark {}">{}</span>', mark, job.get_status_display())

    @admin.display(description=gettext_lazy("When"), ordering="since")
    def since_text(self, job: Job) -> str:
        return ago(job.since)

    @admin.display(description=gettext_lazy("Actions"))
    def again(self, job: Job) -> SafeString:
        """The list is a form already, and forms cannot nest, so the button has its own `formaction`."""
        url = reverse("console:job_retry", args=[job.pk])
        return format_html('<button class="again" formaction="{}">{}</button>', url, _("Try again"))
