"""A file that comes up in pieces: where it is to go, how much of it is here, the next piece, and its end unused."""

import uuid

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.gates import needs, signed_in
from core.imports.declaration import IMPORT
from core.imports.models import Upload
from core.imports.runs.resumable import add_piece, begin_upload, discard_upload, own_upload, refuse_large_piece
from core.shared.errors import AppError
from core.shared.request_bodies import accepts_files, body_length

# Larger than any file.
MOST = 1 << 53


class BeginForm(forms.Form):
    """What the browser knows of a file before it reads it."""

    name = forms.CharField(max_length=1000)
    size = forms.IntegerField(min_value=0, max_value=MOST)
    modified = forms.IntegerField(min_value=-MOST, max_value=MOST)


@needs(IMPORT)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Says where the file is to go, and how much of it came before."""
    form = BeginForm(request.POST)
    if not form.is_valid():
        raise AppError("bad_upload", _("The browser does not say what the file is called and how large it is."))
    upload = begin_upload(acting_user=signed_in(request), **form.cleaned_data)
    response = _progress(upload)
    response.status_code = 201
    response.headers["Location"] = reverse("imports:upload", args=[upload.pk])
    return response


@needs(IMPORT)
@require_http_methods(["GET", "HEAD", "PATCH"])
@accepts_files(refuse_large_piece)
def piece(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """How much is here; PATCH brings what comes next."""
    upload = _own_upload(request, upload_id)
    if request.method == "PATCH":
        upload = add_piece(
            acting_user=signed_in(request),
            upload=upload,
            offset=_offset(request),
            length=body_length(request.META),
            body=request,
        )
    return _progress(upload)


@needs(IMPORT)
@require_POST
def discard(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    discard_upload(acting_user=signed_in(request), upload=_own_upload(request, upload_id))
    return redirect("imports:new")


def _own_upload(request: HttpRequest, upload_id: uuid.UUID) -> Upload:
    upload = own_upload(signed_in(request), upload_id)
    if upload is None:
        raise Http404
    return upload


def _offset(request: HttpRequest) -> int:
    said = request.headers.get("Upload-Offset", "")
    if not (said.isascii() and said.isdecimal() and len(said) < 20):
        raise AppError("no_offset", _("The request does not say where in the file it belongs."))
    return int(said)


def _progress(upload: Upload) -> HttpResponse:
    headers = {"Upload-Offset": str(upload.received), "Upload-Length": str(upload.size)}
    return HttpResponse(status=204, headers=headers)
