"""The upload page."""

from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from core.accounts.gates import needs, signed_in
from core.imports.declaration import IMPORT
from core.imports.forms import UploadForm
from core.imports.models import ImportRun
from core.imports.runs.inspection import to_inspect
from core.imports.runs.queueing import queue_import
from core.imports.runs.uploads import UploadHandler, private_file, refuse_too_large, stored_path
from core.shared.errors import AppError
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
    finally:
        handler.drop()
    return response


@csrf_protect
def _handle_upload(request: HttpRequest, handler: UploadHandler) -> HttpResponse:
    before = _earlier_import(request)
    if request.method != "POST":
        initial = {"kind": before.kind if before else request.GET.get("kind")}
        return _page(request, UploadForm(initial=initial), before)
    form = UploadForm(request.POST, request.FILES)
    if handler.problem is not None:
        _refuse(form, handler.problem)
    if handler.problem is None and form.is_valid():
        run = _create_run(request, form, handler.path or _keep_pasted(handler, form.cleaned_data["pasted"]), before)
        handler.path = None
        _queue_inspection(request, run)
        return redirect("imports:detail", run.pk)
    return _page(request, form, before, status=400)


def _earlier_import(request: HttpRequest) -> ImportRun | None:
    """The earlier import whose rejects are uploaded corrected, or that the file replaces; its options are reused."""
    named = request.GET.get("corrects") or request.GET.get("replaces", "")
    try:
        return ImportRun.objects.filter(pk=named).first()
    except ValidationError:
        return None


def _create_run(request: HttpRequest, form: UploadForm, path: Path, before: ImportRun | None) -> ImportRun:
    kind = form.cleaned_data["kind"]
    replaces = {"replaces": str(before.pk)} if before and "replaces" in request.GET else {}
    carried = {name: before.options.get(name) for name in CARRIED_OVER} if before and before.kind == kind else {}
    file = form.cleaned_data["file"]
    return ImportRun.objects.create(
        kind=kind,
        file_name=file.name[-255:] if file else _("Pasted cells"),
        path=stored_path(path),
        options=to_inspect({**carried, **replaces}),
        created_by=signed_in(request),
    )


def _keep_pasted(handler: UploadHandler, text: str) -> Path:
    path = handler.new_path()
    with private_file(path) as file:
        file.write(text.encode())
    return path


def _queue_inspection(request: HttpRequest, run: ImportRun) -> None:
    """If the job cannot be queued, the page of the file says so and offers to try again."""
    with suppress(AppError):
        queue_import(run, user=signed_in(request), dry_run=True)


def _refuse(form: UploadForm, problem: AppError) -> None:
    form.errors.pop("file", None)
    form.add_error("file", str(problem.message))


def _page(request: HttpRequest, form: UploadForm, before: ImportRun | None, *, status: int = 200) -> HttpResponse:
    if before and "replaces" in request.GET:
        title = _("Replace by a corrected file")
    else:
        title = _("Import the corrected file") if before else _("Import a file")
    return render(
        request,
        "imports/new.html",
        {"form": form, "title": title, "before": before, "replaces": "replaces" in request.GET},
        status=status,
    )
