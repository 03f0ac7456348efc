"""The first page after the sign-in, and the choice of the language."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core.accounts.gates import signed_in
from core.accounts.models import User
from core.accounts.rights import Reach
from core.impersonation.session import impersonation_of
from core.stores.access import visible_stores
from core.stores.declaration import SEE_STORE_FIGURES


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who sees the chain or regions begins with the overview, who works in one store with its figures, others with
    their stores."""
    user = signed_in(request)
    if not user.may(SEE_STORE_FIGURES):
        return redirect("clients:list")
    if user.reach in (Reach.CHAIN, Reach.REGIONS):
        return redirect("overview:front")
    codes = visible_stores(user).values_list("code", flat=True)[:2]
    return redirect("stores:detail", codes[0]) if len(codes) == 1 else redirect("stores:list")


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
        if isinstance(request.user, User) and impersonation_of(request) is None:
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
