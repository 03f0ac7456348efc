"""The chain's imports, and one of them: its columns and options, the check, the progress, the summary."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.audit.declaration import Action
from core.audit.trail import Subject, record
from core.imports.declaration import IMPORT, Kind
from core.imports.forms import ReadingForm
from core.imports.models import ImportProfile, ImportRun
from core.imports.runs.inspection import needs_inspection, not_inspected, to_inspect
from core.imports.runs.mends import with_mends
from core.imports.runs.outcome import outcome_of, questions_of
from core.imports.runs.overview import overview_of
from core.imports.runs.preview import load_preview
from core.imports.runs.queueing import job_of, jobs_of, queue_import
from core.imports.runs.undone import kept_of, lines_of
from core.imports.runs.uploads import upload_path
from core.imports.services.profiles import PROFILE, save_profile
from core.imports.services.values.codes import CREATE
from core.imports.undo.undoing import refuse_undo
from core.imports.upload_form import UploadForm
from core.jobs.models import Job
from core.jobs.presentation import shown
from core.shared.errors import AppError
from core.shared.lists import page_of

ROWS = 50
# What the list sorts by, and the fields that stand for it.
COLUMNS = {"file": ("kind", "file_name"), "who": ("created_by__name", "created_by__email"), "when": ("created_at",)}
# What questions of dates are called.
DATES = "dates:"
# What `create_missing` mends.
MISSING = {"unknown_client", "unknown_staff", "unknown_service", "unknown_member_tier"}


@needs(IMPORT)
@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    page = page_of(ImportRun.objects.select_related("created_by"), request, ROWS, COLUMNS)
    jobs = jobs_of(page)
    rows = [outcome_of(run, jobs.get(run.job_subject)) for run in page]
    latest = ImportRun.objects.values_list("kind", flat=True).first()
    form = UploadForm(initial={"kind": latest}, uploads=())
    return render(request, "imports/list.html", {"pages": page, "rows": rows, "form": form})


@needs(IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """POST says how the file is to be read, and has it checked."""
    run = get_object_or_404(ImportRun.objects.select_related("created_by"), pk=run_id)
    if request.method == "POST":
        return _check_file(request, run)
    if (job := job_of(run)) is not None:
        return _running(request, run, job)
    if run.is_imported or (run.files_deleted_at is not None and not run.awaits_inspection):
        context = {"run": run, "row": outcome_of(run)}
        if run.undone_at is not None:
            context |= {"lines": lines_of(run), "kept": kept_of(run)}
        return render(request, "imports/done.html", context)
    return _page(request, run)


@needs(IMPORT)
@require_POST
def bring_in(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The import itself, as the file was checked."""
    run = get_object_or_404(ImportRun, pk=run_id)
    if needs_inspection(run):
        raise not_inspected()
    options, is_read_anew = _with_answers(run, request.POST, run.options)
    if request.POST.get("skip_bad_rows"):
        options = {**options, "skip_bad_rows": True}
    queue_import(run, user=signed_in(request), dry_run=is_read_anew, options=options)
    return redirect("imports:detail", run.pk)


@needs(IMPORT)
@require_POST
def answer(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Answers to the questions of the last check, which is made again with them."""
    run = get_object_or_404(ImportRun, pk=run_id)
    if needs_inspection(run):
        raise not_inspected()
    options, _is_read_anew = _with_answers(run, request.POST, run.options)
    queue_import(run, user=signed_in(request), dry_run=True, options=_remembered(run, options))
    return redirect("imports:detail", run.pk)


def _with_answers(run: ImportRun, post: QueryDict, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """With the answers to questions of the last check, which come along with whichever button is pressed; and whether
    the file's headings have to be read anew."""
    answers = dict(options.get("answers") or {})
    for question in questions_of(run):
        choice = post.get(f"answer:{question.key}", "")
        if choice in {one.value for one in question.choices} and choice != question.taken:
            answers[question.key] = choice
    encoding = answers.pop("encoding", None)
    options = {**options, "answers": answers}
    return (options, False) if encoding is None else (to_inspect({**options, "encoding": encoding}), True)


@needs(IMPORT)
@require_POST
def again(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The same once more, after an interruption; or the check, with what the chain lacks added, or in place of an
    earlier import."""
    run = get_object_or_404(ImportRun, pk=run_id)
    if run.files_deleted_at is None and not run.is_imported and needs_inspection(run):
        queue_import(run, user=signed_in(request), dry_run=True, options=to_inspect(run.options))
    elif replaced := request.POST.get("replaces"):
        options, _is_read_anew = _with_answers(run, request.POST, run.options)
        options = {**options, "replaces": _replaceable(run, replaced)}
        queue_import(run, user=signed_in(request), dry_run=True, options=options)
    elif request.POST.get("create_missing"):
        options, _is_read_anew = _with_answers(run, request.POST, run.options)
        queue_import(run, user=signed_in(request), dry_run=True, options={**options, "create_missing": True})
    else:
        queue_import(run, user=signed_in(request), dry_run=run.dry_run)
    return redirect("imports:detail", run.pk)


def _replaceable(run: ImportRun, former_id: str) -> str:
    """Raises AppError where the file cannot take its place."""
    try:
        former = get_object_or_404(ImportRun, pk=former_id, kind=run.kind)
    except ValidationError as error:
        raise Http404 from error
    refuse_undo(former)
    return str(former.pk)


@needs(IMPORT)
@require_safe
def rejects(request: HttpRequest, run_id: uuid.UUID) -> HttpResponseBase:
    """Rows that were left out, to be corrected."""
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


def _running(request: HttpRequest, run: ImportRun, job: Job) -> HttpResponse:
    context = {"run": run, "row": outcome_of(run, job), "is_look": run.awaits_inspection, "shown": shown(job)}
    return render(request, "imports/running.html", context)


def _check_file(request: HttpRequest, run: ImportRun) -> HttpResponse:
    if run.files_deleted_at is not None or run.is_imported or job_of(run) is not None:
        # Refused there, with the reason.
        queue_import(run, user=signed_in(request), dry_run=True)
        return redirect("imports:detail", run.pk)
    preview = None if run.awaits_inspection else load_preview(run)
    if preview is None:
        raise not_inspected()
    form = ReadingForm(run, preview, request.POST)
    draft, _is_read_anew = _with_answers(run, request.POST, form.draft_options())
    if form.has_other_layout:
        queue_import(run, user=signed_in(request), dry_run=True, options=to_inspect(draft))
        return redirect("imports:detail", run.pk)
    if not form.is_valid():
        return _page(request, run, form, status=400)
    draft = _remembered(run, draft)
    queue_import(run, user=signed_in(request), dry_run=True, options=draft)
    return redirect("imports:detail", run.pk)


def _remembered(run: ImportRun, options: dict[str, Any]) -> dict[str, Any]:
    """Keeps how the file is read for the next one with its headings."""
    preview = load_preview(run)
    if preview is None:
        return options
    profile = save_profile(run.kind, preview.headings, options, file_name=run.file_name)
    return {**options, PROFILE: profile.pk}


def _page(request: HttpRequest, run: ImportRun, form: ReadingForm | None = None, *, status: int = 200) -> HttpResponse:
    refusal = run.summary.get("refusal", {})
    context = {
        "run": run,
        "row": outcome_of(run),
        "refusal": refusal,
    }
    try:
        preview = None if run.awaits_inspection else load_preview(run)
        context["form"] = form or (preview and ReadingForm(run, preview))
    except AppError as error:
        context["unreadable"] = error
    shown_form = context.get("form")
    fields = {column.heading: field.id_for_label for column, field in shown_form.columns} if shown_form else {}
    context["findings"] = with_mends(run.findings, fields) if shown_form else run.findings
    context["overview"] = overview_of(run)
    context["profile"] = ImportProfile.objects.filter(pk=run.options.get(PROFILE)).first()
    questions = questions_of(run)
    context["open_questions"] = [question for question in questions if question.is_open]
    context["settled_questions"] = [question for question in questions if not question.is_open]
    # What the form could not tell is answered there then, for each column, and not chosen in the form too.
    context["dates_are_asked"] = bool(
        shown_form and shown_form.formats.is_open and any(question.key.startswith(DATES) for question in questions)
    )
    context["checked"] = run.status == ImportRun.Status.DONE and run.dry_run
    lacks = any(one["code"] in MISSING for one in run.findings) or any(
        choice.value == CREATE for question in context["open_questions"] for choice in question.choices
    )
    context["lacks"] = lacks and not run.options.get("create_missing")
    context["warned"] = any(one["level"] == "warning" for one in run.findings)
    context["has_good_rows"] = run.summary.get("rejected", 0) < run.summary.get("rows", 0)
    return render(request, "imports/read.html", context, status=status)
