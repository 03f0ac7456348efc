"""The owner's settings page: address, export, erasure; each change is a form that redirects back to it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.shared.errors import AppError
from tenants.life import addresses, domains, exports
from tenants.life import erasure as erasures
from tenants.life.declaration import MANAGE_CHAIN
from tenants.middleware import chain_of
from tenants.models import Chain

MANAGE = needs(MANAGE_CHAIN)


@MANAGE
@require_safe
def chain_settings(request: HttpRequest) -> HttpResponse:
    return _render(request)


@MANAGE
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    return _perform(
        request,
        lambda chain: exports.ask_export(chain, acting_user=signed_in(request)),
        _("The export is being made. It will be here in a few minutes."),
    )


@MANAGE
@require_safe
def export_file(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    chain = chain_of(request)
    made, path = exports.download(chain, str(export_id), acting_user=signed_in(request))
    name = f"{chain.schema_name}-{timezone.localdate(made.finished_at)}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


@MANAGE
@require_POST
def erasure(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("name", "")
    return _perform(
        request,
        lambda chain: erasures.request_erasure(chain, acting_user=signed_in(request), typed_name=typed),
        _("The chain will be erased in 30 days. Until then you can take it back here."),
    )


@MANAGE
@require_POST
def erasure_withdrawal(request: HttpRequest) -> HttpResponse:
    return _perform(
        request,
        lambda chain: erasures.withdraw_erasure(chain, acting_user=signed_in(request)),
        _("The chain will not be erased."),
    )


@MANAGE
@require_POST
def address(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("address", "")
    return _perform(
        request,
        lambda chain: addresses.rename_address(chain, typed, acting_user=signed_in(request)),
        _("The address was changed. The old one leads here for 30 days."),
    )


@MANAGE
@require_POST
def main_address(request: HttpRequest, domain_id: int) -> HttpResponse:
    return _perform(
        request,
        lambda chain: addresses.make_main_address(chain, domain_id, acting_user=signed_in(request)),
        _("The main address was changed."),
    )


@MANAGE
@require_POST
def address_removal(request: HttpRequest, domain_id: int) -> HttpResponse:
    return _perform(
        request,
        lambda chain: addresses.remove_address(chain, domain_id, acting_user=signed_in(request)),
        _("The address was removed."),
    )


@MANAGE
@require_POST
def domain(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("domain", "")
    return _perform(request, lambda chain: domains.claim_domain(chain, typed, acting_user=signed_in(request)))


@MANAGE
@require_POST
def domain_verification(request: HttpRequest, claim_id: int) -> HttpResponse:
    return _perform(
        request,
        lambda chain: domains.verify_domain(chain, claim_id, acting_user=signed_in(request)),
        _("The domain is yours, and the chain answers there."),
    )


@MANAGE
@require_POST
def domain_withdrawal(request: HttpRequest, claim_id: int) -> HttpResponse:
    return _perform(request, lambda chain: domains.withdraw_claim(chain, claim_id, acting_user=signed_in(request)))


def _perform(request: HttpRequest, change: Callable[[Chain], object], success_message: str = "") -> HttpResponse:
    """Make a change and redirect to the page; show an AppError there, at its form."""
    try:
        change(chain_of(request))
    except AppError as error:
        if error.status in {403, 404}:
            raise
        return _render(request, error)
    if host := addresses.new_main_host(chain_of(request), request):
        # A link instead of a redirect, which form-action (Content-Security-Policy) forbids to another host.
        url = addresses.url_at_host(request, host, reverse("chain:settings"))
        return render(request, "life/moved.html", {"host": host, "url": url})
    if success_message:
        messages.success(request, success_message)
    return redirect("chain:settings")


def _render(request: HttpRequest, error: AppError | None = None) -> HttpResponse:
    chain = chain_of(request)
    all_exports = exports.exports(chain)
    hosts = addresses.list_addresses(chain)
    context: dict[str, Any] = {
        "chain": chain,
        "error": error,
        "errors": {error.field: [error.message]} if error and error.field else {},
        "typed": {name: request.POST.get(name, "") for name in ("address", "domain", "name")},
        "main": hosts[0],
        "addresses": hosts[1:],
        "own_name": hosts[0].domain.split(".")[0],
        "suffix": addresses.platform_suffix(chain),
        "claims": domains.list_claims(chain),
        "record": domains.RECORD,
        "prefix": domains.PREFIX,
        "exports": all_exports,
        "export_problem": exports.problem_of(all_exports),
        "export_work": exports.work_under_way(all_exports),
        "kept_days": settings.KEEP_EXPORTS_DAYS,
        "backup_days": settings.BACKUP_KEPT_DAYS,
    }
    return render(request, "life/settings.html", context, status=error.status if error else 200)
