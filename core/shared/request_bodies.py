"""Limits request bodies: a small form without files, unless the view is marked with `accepts_files`."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from core.shared.errors import AppError
from core.shared.middleware import GetResponse, refusal

RefuseTooLarge = Callable[[int], None]
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class RejectingUploadHandler(FileUploadHandler):
    """Rejects the first file before any of it is stored."""

    refused = False

    def new_file(self, *_args: Any, **_kwargs: Any) -> None:
        self.refused = True
        raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, *_args: Any) -> None:
        """Never called: the upload stops at the file's headers."""

    def file_complete(self, *_args: Any) -> None:
        """Never called: the upload stops at the file's headers."""


def accepts_files(refuse_too_large: RefuseTooLarge) -> Callable[[View], View]:
    """Marks a view that takes a file and sets its own upload handlers. `refuse_too_large` raises AppError for a size.

    The view checks the right to upload first, so that the body of other users is never read.
    """

    def mark(view: View) -> View:
        view.refuse_too_large = refuse_too_large  # type: ignore[attr-defined]
        return view

    return mark


class BodyLimitMiddleware:
    """Refuses a body that the view does not accept before it is read. Without a view no body is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_arguments: Any) -> HttpResponse | None:
        try:
            _check(request, getattr(view, "refuse_too_large", None))
        except AppError as problem:
            return refusal(request, problem)
        return None


def _check(request: HttpRequest, refuse_too_large: RefuseTooLarge | None) -> None:
    """Raises AppError."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        raise length_required()
    length = body_length(request.META)
    form = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if refuse_too_large is not None:
        refuse_too_large(length - form)
    elif length > form:
        raise body_too_large()
    elif request.content_type == "multipart/form-data" and _has_file(request):
        raise file_not_accepted()


def is_large(environ: Mapping[str, Any]) -> bool:
    """Whether the server streams the body while the view runs."""
    return "HTTP_TRANSFER_ENCODING" in environ or body_length(environ) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def body_length(environ: Mapping[str, Any]) -> int:
    """The length of the body, parsed as Django does it."""
    try:
        return int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _has_file(request: HttpRequest) -> bool:
    """Parses the form, which is small by now."""
    try:
        request.POST  # noqa: B018 - read by being looked at
    except UnreadablePostError:
        return False
    return any(isinstance(handler, RejectingUploadHandler) and handler.refused for handler in request.upload_handlers)


def length_required() -> AppError:
    return AppError("length_required", _("The request does not say how long it is."), status=411)


def body_too_large() -> AppError:
    limit = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return AppError("body_too_large", _("That is more than %s, which is all this page takes.") % limit, status=413)


def file_not_accepted() -> AppError:
    return AppError("no_file_wanted", _("This page takes no files."), status=413)
