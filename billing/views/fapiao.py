"""The form for the chain's fapiao details."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.fapiao import save_fapiao
from billing.forms import FapiaoForm
from billing.services.account_guards import require_account
from billing.views.account import MANAGE
from core.accounts.gates import signed_in
from tenants.middleware import chain_of

CHINA = "CN"


@MANAGE
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    chain, user = chain_of(request), signed_in(request)
    account = require_account(chain, user)
    if chain.country != CHINA:
        raise Http404
    form = FapiaoForm(request.POST or None, initial=account.fapiao or {"email": user.email})
    if request.method == "POST" and form.is_valid():
        save_fapiao(chain, form.fapiao, acting_user=user)
        messages.success(request, _("Saved."))
        return redirect("billing:account")
    return render(request, "billing/fapiao.html", {"form": form}, status=400 if form.errors else 200)
