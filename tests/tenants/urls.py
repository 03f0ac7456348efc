"""One page that says who asks, and where."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tenants.postgresql_backend.current import connection


@login_not_required
def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.user} in {connection().schema_name}")


urlpatterns = [path("", who)]
