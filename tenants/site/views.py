"""Home, privacy and terms."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.life.erasure import GRACE_DAYS


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "site/home.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "takes_cards": bool(settings.STRIPE_SECRET_KEY),
        "file_days": settings.KEEP_FILES_DAYS,
        "export_days": settings.KEEP_EXPORTS_DAYS,
        "grace_days": GRACE_DAYS,
        "backup_days": settings.BACKUP_KEPT_DAYS,
    }
    return render(request, "site/privacy.html", context)


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "site/terms.html", {"grace_days": GRACE_DAYS})
