"""URLs of a chain's site."""

from django.urls import include, path

from core.reporting.urls import store_pages

pages_of_stores = [path("", include("core.stores.urls")), path("stores/", include(store_pages))]
urlpatterns = [
    path("", include("core.site.urls")),
    path("", include("core.accounts.urls")),
    path("", include("core.start.urls")),
    path("operator/", include("core.impersonation.urls")),
    path("", include("core.reporting.urls")),
    path("", include((pages_of_stores, "stores"))),
    path("clients/", include("core.profiles.urls")),
    path("follow-up/", include("core.followup.urls")),
    path("overview/", include("core.overview.urls")),
    path("team/", include("core.team.urls")),
    path("staff/", include("core.staff.urls")),
    path("services/", include("core.catalogue.urls")),
    path("merges/", include("core.merging.urls")),
    path("exports/", include("core.exports.urls")),
    path("imports/", include("core.imports.urls")),
    path("jobs/", include("core.jobs.urls")),
    path("settings/", include("tenants.life.urls")),
    path("billing/", include("billing.urls.owner")),
    path("audit/", include("core.audit.urls")),
    path("api/v1/", include("api.v1.urls")),
]
handler500 = "core.shared.middleware.server_error"
# Of django-allauth, wherever its pages are.
handler429 = "core.shared.middleware.too_many_requests"
