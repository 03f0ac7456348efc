"""How files are read, as it is remembered for the next ones: under which names, and forgotten again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.accounts.gates import needs
from core.imports.declaration import IMPORT
from core.imports.models import ImportProfile
from core.imports.services.profiles import rename_profile
from core.shared.errors import AppError


@needs(IMPORT)
@require_safe
def profile_list(request: HttpRequest) -> HttpResponse:
    return _page(request)


@needs(IMPORT)
@require_POST
def rename(request: HttpRequest, profile_id: int) -> HttpResponse:
    profile = get_object_or_404(ImportProfile, pk=profile_id)
    try:
        rename_profile(profile, request.POST.get("name", ""))
    except AppError as error:
        return _page(request, wrong=profile.pk, problem=error)
    return redirect("imports:profiles")


@needs(IMPORT)
@require_POST
def forget(request: HttpRequest, profile_id: int) -> HttpResponse:
    del request
    get_object_or_404(ImportProfile, pk=profile_id).delete()
    return redirect("imports:profiles")


def _page(request: HttpRequest, *, wrong: int | None = None, problem: AppError | None = None) -> HttpResponse:
    context = {"profiles": ImportProfile.objects.all(), "wrong": wrong, "problem": problem}
    return render(request, "imports/profiles.html", context, status=400 if problem else 200)
