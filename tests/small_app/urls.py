"""The site with two pages more: one whose forms the app declares, and one of which it says nothing."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from config.urls_tenant import urlpatterns as site_pages


def done(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


keys = [path("hand-over/", done, name="hand-over"), path("copy/", done, name="copy")]
urlpatterns = [path("keys/", include((keys, "keys"))), *site_pages]
