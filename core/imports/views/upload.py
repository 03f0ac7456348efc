"""The upload page."""

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from core.accounts.gates import needs, signed_in
from core.imports.declaration import IMPORT
from core.imports.models import ImportRun, Upload
from core.imports.runs.inspection import to_inspect
from core.imports.runs.queueing import queue_import
from core.imports.runs.resumable import (
    MOST_OF_A_PERSON,
    discard_upload,
    keep_upload,
    own_upload,
    runs_of_uploads,
    take_upload,
    uploads_of,
)
from core.imports.runs.uploads import UploadHandler, private_file, refuse_too_large, stored_path
from core.imports.upload_form import UploadForm
from core.shared.errors import AppError, show_error
from core.shared.request_bodies import accepts_files

CARRIED_OVER = ("date_format", "store", "client_ref_per_store", "create_missing", "append", "skip_bad_rows")


# The token is checked within, after the handler is in place that writes the file where it belongs.
@csrf_exempt
@needs(IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
@accepts_files(refuse_too_large)
def new(request: HttpRequest) -> HttpResponse:
    handler = UploadHandler(request)
    request.upload_handlers = [handler]
    try:
        response: HttpResponse = _handle_upload(request, handler)
    except RequestDataTooBig as error:
        raise _too_many_cells() from error
    finally:
        handler.drop()
    return response


@csrf_protect
def _handle_upload(request: HttpRequest, handler: UploadHandler) -> HttpResponse:
    before = _earlier_import(request)
    if request.method != "POST":
        initial = {"kind": before.kind if before else request.GET.get("kind")}
        uploads = _uploads(request, _upload_ids(request.GET))
        return _page(request, UploadForm(initial=initial, uploads=uploads), before)
    ids = _upload_ids(request.POST)
    form = UploadForm(request.POST, request.FILES, uploads=_uploads(request, ids), asked=len(ids))
    try:
        if handler.problem is not None:
            raise handler.problem
        if form.is_valid():
            return _page_of(_create_runs(request, form, handler, before))
    except AppError as problem:
        _refuse(form, problem)
    if taken := runs_of_uploads(signed_in(request), ids):
        messages.info(request, _("This file is here already: it was sent twice, perhaps from two windows."))
        return _page_of(taken)
    _keep_for_the_next_attempt(request, form, handler)
    return _page(request, form, before, status=400)


def _too_many_cells() -> AppError:
    """Of a browser without scripts, which do not send cells with the form."""
    limit = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    message = _("These are more than %s of pasted cells. Save them as CSV or Excel, and choose the file.") % limit
    return AppError("too_many_cells", message, status=413)


def _earlier_import(request: HttpRequest) -> ImportRun | None:
    """The earlier import whose rejects are uploaded corrected, or that the file replaces; its options are reused."""
    named = request.GET.get("corrects") or request.GET.get("replaces", "")
    try:
        return ImportRun.objects.filter(pk=named).first()
    except ValidationError:
        return None


def _upload_ids(form: QueryDict) -> list[uuid.UUID]:
    """Of files that came up before the form."""
    found = []
    for text in form.getlist("upload")[:MOST_OF_A_PERSON]:
        with suppress(ValueError):
            found.append(uuid.UUID(text))
    return list(dict.fromkeys(found))


def _uploads(request: HttpRequest, ids: Iterable[uuid.UUID]) -> list[Upload]:
    found = (own_upload(signed_in(request), one) for one in ids)
    return [upload for upload in found if upload is not None]


def _create_runs(
    request: HttpRequest, form: UploadForm, handler: UploadHandler, before: ImportRun | None
) -> list[ImportRun]:
    """Of the file in the form, else of those that came up before it, else of pasted cells."""
    file, user = form.cleaned_data["file"], signed_in(request)
    if file is None and form.uploads:
        with transaction.atomic():
            found = [(upload.file_name, take_upload(acting_user=user, upload=upload)) for upload in form.uploads]
            runs = [_create_run(request, form, name, path, before) for name, path in found]
    else:
        path = handler.path or _keep_pasted(handler, form.cleaned_data["pasted"])
        name = file.name[-255:] if file else _("Pasted cells")
        runs = [_create_run(request, form, name, stored_path(path), before)]
        handler.path = None
        for upload in form.uploads:
            discard_upload(acting_user=user, upload=upload)
    for run in runs:
        _queue_inspection(request, run)
    return runs


def _create_run(request: HttpRequest, form: UploadForm, name: str, path: str, before: ImportRun | None) -> ImportRun:
    kind = form.cleaned_data["kind"]
    replaces = {"replaces": str(before.pk)} if before and "replaces" in request.GET else {}
    carried = {name: before.options.get(name) for name in CARRIED_OVER} if before and before.kind == kind else {}
    return ImportRun.objects.create(
        kind=kind,
        file_name=name,
        path=path,
        options=to_inspect({**carried, **replaces}),
        created_by=signed_in(request),
    )


def _keep_pasted(handler: UploadHandler, text: str) -> Path:
    path = handler.new_path()
    with private_file(path) as file:
        file.write(text.encode())
    return path


def _keep_for_the_next_attempt(request: HttpRequest, form: UploadForm, handler: UploadHandler) -> None:
    """The file of a form that is refused need not be chosen again."""
    file = form.files.get("file")
    if handler.path is None or handler.problem is not None or file is None:
        return
    try:
        upload = keep_upload(acting_user=signed_in(request), name=file.name or "", path=handler.path)
    except AppError as error:
        show_error(form, error)
        return
    form.uploads = [upload]
    handler.path = None


def _queue_inspection(request: HttpRequest, run: ImportRun) -> None:
    """If the job cannot be queued, the page of the file says so and offers to try again."""
    with suppress(AppError):
        queue_import(run, user=signed_in(request), dry_run=True)


def _refuse(form: UploadForm, problem: AppError) -> None:
    form.errors.pop("file", None)
    show_error(form, problem)


def _page_of(runs: Sequence[ImportRun]) -> HttpResponse:
    return redirect("imports:detail", runs[0].pk) if len(runs) == 1 else redirect("imports:list")


def _page(request: HttpRequest, form: UploadForm, before: ImportRun | None, *, status: int = 200) -> HttpResponse:
    if before and "replaces" in request.GET:
        title = _("Replace by a corrected file")
    else:
        title = _("Import the corrected file") if before else _("Import a file")
    kept = {upload.pk for upload in form.uploads}
    context = {
        "form": form,
        "title": title,
        "before": before,
        "replaces": "replaces" in request.GET,
        "unfinished": [upload for upload in uploads_of(signed_in(request)) if upload.pk not in kept],
    }
    return render(request, "imports/new.html", context, status=status)
