"""Merging two records, what was merged, and taking that back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.jobs.presentation import shown_jobs
from core.merging.declaration import MERGE
from core.merging.kinds import KINDS
from core.merging.models import Kind, Merge
from core.merging.queueing import queue_merge, queue_undo, unfinished_jobs
from core.merging.services.labels import REASONS, WHAT, record_label
from core.merging.services.merging import check_pair
from core.merging.services.preview import find_record, moving_records, offered, visits_in_both
from core.merging.services.proposals import SHOWN, proposals, say_different
from core.merging.services.undoing import preview_undo
from core.shared.errors import AppError
from core.shared.lists import page_of
from core.shared.merged import Mergeable

ROWS = 50
COLUMNS = {"when": ("merged_at",), "what": ("kind", "merged_at")}
LONGEST = 200


@needs(MERGE)
@require_safe
def merge_list(request: HttpRequest) -> HttpResponse:
    page = page_of(Merge.objects.select_related("merged_by", "undone_by"), request, ROWS, COLUMNS)
    return render(request, "merging/list.html", {"pages": page, "jobs": shown_jobs(unfinished_jobs())})


@needs(MERGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """Which record stays, then what would move; POST merges them."""
    gone = _record(kind, record_id)
    text = (request.POST if request.method == "POST" else request.GET).get("keep", "").strip()[:LONGEST]
    keep, problem = _chosen(kind, gone, text)
    if request.method == "POST" and keep is not None:
        queue_merge(kind, keep=keep, gone=gone, user=signed_in(request))
        messages.success(request, _("“%(gone)s” is being merged into “%(keep)s”.") % {"gone": gone, "keep": keep})
        return redirect("merges:list")
    context = {"kind": Kind(kind), "gone": gone, "gone_label": record_label(gone), "text": text, "problem": problem}
    if keep is None:
        context["offered"] = offered(kind, gone.pk)
    else:
        context |= {"keep": keep, "keep_label": record_label(keep), "moving": moving_records(gone)}
        context["twice"] = visits_in_both(kind, keep, gone)
    return render(request, "merging/new.html", context, status=400 if problem else 200)


@needs(MERGE)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    """What taking it back would come to; POST does it."""
    merge = get_object_or_404(Merge.objects.select_related("merged_by"), pk=merge_id)
    if request.method == "POST":
        queue_undo(merge, user=signed_in(request))
        messages.success(request, _("The merge is being taken back."))
        return redirect("merges:list")
    context: dict[str, object] = {"merge": merge}
    try:
        found = merge.undo if merge.undone_at else preview_undo(merge)
    except AppError as error:
        context["refusal"] = error.message
    else:
        context |= {"found": found, "kept": _kept(found or {})}
    return render(request, "merging/undo.html", context)


@needs(MERGE)
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    return render(request, "merging/duplicates.html", {"proposals": proposals(), "most": SHOWN})


@needs(MERGE)
@require_POST
def different(request: HttpRequest, first_id: int, second_id: int) -> HttpResponse:
    say_different(first=first_id, second=second_id, acting_user=signed_in(request))
    messages.success(request, _("They are two people, and are not proposed again."))
    return redirect("merges:duplicates")


def _record(kind: str, record_id: int) -> Mergeable:
    if kind not in KINDS:
        raise Http404
    record: Mergeable = get_object_or_404(KINDS[kind].present, pk=record_id)
    return record


def _chosen(kind: str, gone: Mergeable, text: str) -> tuple[Mergeable | None, object]:
    """The record that stays, by `#` and its id or by what people call it; or what is wrong with it."""
    if not text:
        return None, ""
    if text.startswith("#") and text[1:].isdecimal():
        keep = KINDS[kind].present.filter(pk=int(text[1:19])).first()
    else:
        keep = find_record(kind, text)
    if keep is None:
        return None, _("Nothing is called “%s”, or more than one: give the code or number.") % text
    try:
        check_pair(keep.pk, gone.pk)
    except AppError as error:
        return None, error.message
    return keep, ""


def _kept(found: dict[str, list[dict[str, str]]]) -> list[tuple[object, str, object]]:
    return [
        (WHAT.get(one["table"], one["table"]), one["label"], REASONS.get(one["reason"], one["reason"]))
        for one in found.get("records", ())
    ]
