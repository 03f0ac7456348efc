"""Exports of tables: started, followed, fetched."""

import uuid

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.exports.declaration import EXPORT_TABLES
from core.exports.services.exports import export_file, listed_exports, may_have, start_export
from core.exports.tables import TABLES
from core.jobs.presentation import shown
from core.shared.chain import chain_date, current_chain


@needs(EXPORT_TABLES)
@require_safe
def export_list(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    listed = listed_exports(user)
    context = {
        "exports": listed,
        "work": next((shown(one.job) for one in listed if one.job.is_open), None),
        "problem": listed[0].job.error if listed and listed[0].job.error else "",
        "may_have_personal": may_have(user, personal=True),
        "tables": TABLES,
        "kept_days": settings.KEEP_EXPORTS_DAYS,
        "time_zone": current_chain().time_zone,
    }
    return render(request, "exports/list.html", context)


@needs(EXPORT_TABLES)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    start_export(personal=request.POST.get("personal") == "yes", acting_user=signed_in(request))
    return redirect("exports:list")


@needs(EXPORT_TABLES)
@require_safe
def file(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    job, path = export_file(str(export_id), acting_user=signed_in(request))
    name = f"{current_chain().schema_name}-tables-{chain_date(job.finished_at or job.queued_at)}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
