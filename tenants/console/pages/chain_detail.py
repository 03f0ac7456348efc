"""The page of one chain: its facts, the actions on it, and impersonation."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_tenants.utils import tenant_context

from core.accounts.gates import signed_in
from core.shared.addresses import chain_url, console_url
from core.shared.errors import AppError, show_error
from core.shared.figures import count, day
from core.shared.origin import as_operator
from tenants.console import actions, impersonation
from tenants.console.action_log import log_action
from tenants.console.health import get_figures, listed_chains
from tenants.console.models import OpenWork, OperatorAction
from tenants.console.open_work.sources import title_of
from tenants.console.presentation import ago, format_size, health_marks, plan_label, version_label
from tenants.console.site import console
from tenants.life import exports
from tenants.life.addresses import list_addresses
from tenants.models import Chain

LOG_ROWS = 20


@require_safe
def detail(request: HttpRequest, chain_id: int) -> HttpResponse:
    chain = _get_chain(chain_id)
    hosts = list_addresses(chain)
    return _render(
        request,
        "console/chain.html",
        chain,
        facts=_facts(chain),
        hosts=[(host, chain_url(host.domain)) for host in hosts],
        exports=_exports(chain),
        open_work=[(work, title_of(work.kind)) for work in OpenWork.objects.filter(chain=chain)[:20]],
        log=OperatorAction.objects.filter(chain=chain)[:LOG_ROWS],
        actions=[action for action in actions.ACTIONS if action.is_available(chain)],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, chain_id: int, action: str) -> HttpResponse:
    chain, chosen = _get_chain(chain_id), actions.BY_NAME.get(action)
    if chosen is None:
        raise Http404
    form = chosen.form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.perform_action(chosen, chain, acting_user=signed_in(request), data=form.cleaned_data)
        except AppError as error:
            show_error(form, error)
        else:
            messages.success(request, str(chosen.done))
            return redirect("console:tenants_chain_change", chain.pk)
    return _render_form(request, chain, form, title=chosen.title, about=chosen.about, is_danger=chosen.is_danger)


@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, chain_id: int) -> HttpResponse:
    """Show the impersonation form, then a link: form-action (CSP) forbids a redirect to another host."""
    chain = _get_chain(chain_id)
    form = impersonation.ImpersonationForm(
        request.POST if request.method == "POST" else None, users=impersonation.list_users(chain)
    )
    if form.is_valid():
        try:
            data = form.cleaned_data
            url = impersonation.start_impersonation(
                chain,
                acting_user=signed_in(request),
                user_id=data["user"],
                reason=data["reason"],
                back=console_url(reverse("console:tenants_chain_change", args=[chain.pk])),
            )
        except AppError as error:
            show_error(form, error)
        else:
            return _render(request, "console/way_in.html", chain, url=url)
    about = _(
        "You see and do what this user may, for an hour. A banner says so on every page, and the owner reads in the "
        "audit trail who came, why and what was done. Passwords, two-step sign-in, e-mail, the team, addresses, "
        "exports of everything, what is paid and the erasure stay closed."
    )
    return _render_form(request, chain, form, title=_("Go in"), about=about)


@require_safe
def export_file(request: HttpRequest, chain_id: int, export_id: uuid.UUID) -> HttpResponseBase:
    chain, operator = _get_chain(chain_id), signed_in(request)
    with transaction.atomic():
        with tenant_context(chain), as_operator(operator.email):
            made, path = exports.download(chain, str(export_id), acting_user=None)
        log_action(operator, "Export downloaded", chain=chain)
    name = f"{chain.schema_name}-{timezone.localdate(made.finished_at)}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


def _get_chain(chain_id: int) -> Chain:
    return get_object_or_404(listed_chains(), pk=chain_id)


def _exports(chain: Chain) -> list[exports.Export]:
    """Of its own tables, which one page of one chain may enter."""
    with tenant_context(chain):
        return exports.exports(chain)


def _facts(chain: Chain) -> list[tuple[str, Any]]:
    figures = get_figures(chain)
    return [
        (_("Schema"), chain.schema_name),
        (_("Health"), health_marks(chain)),
        (_("Plan"), plan_label(chain)),
        (_("Country"), f"{chain.country} · {chain.currency} · {chain.time_zone}"),
        (_("Created"), day(chain.created_at)),
        (_("Size"), format_size(figures.size)),
        (_("Clients"), count(figures.clients)),
        (_("Visits"), count(figures.visits)),
        (_("Users"), count(figures.users)),
        (_("Last activity"), ago(figures.last_active_at)),
        (_("Tables"), f"{version_label(chain)} ({figures.schema_version or '–'})"),
        (_("Figures taken"), ago(figures.taken_at)),
    ]


def _render_form(request: HttpRequest, chain: Chain, form: forms.Form, **context: Any) -> HttpResponse:
    return _render(request, "console/form.html", chain, status=400 if form.errors else 200, form=form, **context)


def _render(
    request: HttpRequest, template: str, chain: Chain, *, status: int = 200, **context_extra: Any
) -> HttpResponse:
    request.current_app = console.name
    context = {**console.each_context(request), "chain": chain, "title": chain.name, **context_extra}
    return render(request, template, context, status=status)
