"""URLs of the platform's own site, which never reveals which chains exist."""

from django.urls import include, path

from core.site.urls import language

urlpatterns = [
    path("", include("tenants.site.urls")),
    path("", include("tenants.signup.urls")),
    path("", include("billing.urls.public")),
    language,
]
handler500 = "core.shared.middleware.server_error"
