"""A page that says who asks, and where; and one that fails."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tenants.postgresql_backend.current import connection


@login_not_required
def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.user} in {connection().schema_name}")


@login_not_required
def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [path("", who), path("fails/", fails)]
