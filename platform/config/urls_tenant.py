"""A chain's own site."""

from django.urls import include, path

urlpatterns = [
    path("", include("core.accounts.urls")),
    path("", include("core.start.urls")),
    path("operator/", include("core.impersonation.urls")),
    path("repurchase/", include("core.reporting.urls")),
    path("", include("core.stores.urls")),
    path("clients/", include("core.clients.urls")),
    path("team/", include("core.team.urls")),
    path("imports/", include("core.imports.urls")),
    path("settings/", include("tenants.life.urls")),
    path("billing/", include("billing.urls.owner")),
    path("audit/", include("core.audit.urls")),
]
handler500 = "core.shared.middleware.server_error"
# Of django-allauth, wherever its pages are.
handler429 = "core.shared.middleware.too_many_requests"
