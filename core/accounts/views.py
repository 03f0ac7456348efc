"""Confirming a new address, and setting up the second step of the sign-in."""

from typing import Any

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailConfirmation
from allauth.mfa.internal.flows.add import redirect_if_add_not_allowed
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from core.accounts.gates import signed_in
from core.accounts.policy import has_second_factor
from core.shared.secret_links import IN_SESSION

CONFIRMATION_KEY = "email-confirmation-key"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_email(request: HttpRequest, key: str) -> HttpResponse:
    """A new address of one's own. The page itself has the key in the session, not in its address."""
    if key == IN_SESSION:
        key = request.session.get(CONFIRMATION_KEY, "")
        response: HttpResponse = account.confirm_email(request, key=key)
        # It ends the session of someone else who was signed in here.
        request.session[CONFIRMATION_KEY] = key
        return response
    if request.method == "POST" or EmailConfirmation.from_key(key) is None:
        return account.confirm_email(request, key=key)
    request.session[CONFIRMATION_KEY] = key
    return redirect("account_confirm_email", IN_SESSION)


@method_decorator(redirect_if_add_not_allowed, name="dispatch")
@method_decorator(reauthentication_required(app="allauth.mfa"), name="dispatch")
class SecondFactorView(ActivateTOTPView):
    """Sets up an authenticator app; one that is there already works until the new one has shown a right code."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Not allauth's own, which leads whoever has an app to the page that turns it off."""
        return super(ActivateTOTPView, self).dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "is_replaced": has_second_factor(signed_in(self.request))}

    def form_valid(self, form: Any) -> HttpResponse:
        user = signed_in(self.request)
        of_user = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
        with transaction.atomic():
            for replaced in of_user.select_for_update():
                replaced.delete()
            response = super().form_valid(form)
        # This session has shown a code; others of the user that are asked for one have to.
        record_authentication(self.request, user, method="mfa", type=Authenticator.Type.TOTP, id=of_user.get().pk)
        return response


set_up_second_factor = SecondFactorView.as_view()
