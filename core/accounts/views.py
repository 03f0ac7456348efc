"""The first page after the sign-in, the language."""

from typing import Any

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailConfirmation
from allauth.mfa.internal.flows.add import redirect_if_add_not_allowed
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.gates import signed_in
from core.accounts.models import User
from core.accounts.policy import has_second_factor
from core.accounts.rights import Right
from core.shared.secret_links import IN_SESSION
from core.stores.selectors import stores_seen_by

CONFIRMATION_KEY = "email-confirmation-key"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who compares stores begins with that, who works in one store with its figures, others with their stores."""
    user = signed_in(request)
    if user.may(Right.COMPARE_STORES):
        return redirect("repurchase:overview")
    if not user.may(Right.SEE_STORE_FIGURES):
        return redirect("clients:list")
    codes = stores_seen_by(user).values_list("code", flat=True)[:2]
    return redirect("stores:detail", codes[0]) if len(codes) == 1 else redirect("stores:list")


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


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language; kept with the user, and in a cookie for the sign-in page."""
    back = request.POST.get("next", "")
    # `redirect` takes what has no slash for the name of a view.
    if "/" not in back or not url_has_allowed_host_and_scheme(
        back, {request.get_host()}, require_https=request.is_secure()
    ):
        back = "/"
    response = redirect(back)
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES):
        # An operator who works as this user reads in another language, and leaves the user's as it is.
        if isinstance(request.user, User) and "impersonation" not in request.session:
            request.user.language = code
            request.user.save(update_fields=["language"])
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=365 * 24 * 3600,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response
