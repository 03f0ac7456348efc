"""Rows that were left out, to be corrected."""

import uuid

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.audit.declaration import Action
from core.audit.trail import Subject, record
from core.imports.declaration import IMPORT, Kind
from core.imports.models import ImportRun
from core.imports.runs.uploads import upload_path


@needs(IMPORT)
@require_safe
def rejects(request: HttpRequest, run_id: uuid.UUID) -> HttpResponseBase:
    run = get_object_or_404(ImportRun, pk=run_id)
    path = upload_path(run.rejects_path)
    if not run.rejects_path or not path.is_file():
        raise Http404
    subject = Subject(Kind.IMPORT, str(run.pk), run.file_name)
    record(action=Action.EXPORTED, acting_user=signed_in(request), subject=subject)
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{run.kind}-rejects.csv", content_type="text/csv; charset=utf-8"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
