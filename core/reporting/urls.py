from django.urls import path

from core.reporting.views import clients, exports, fragments, overview

app_name = "repurchase"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("clients/", clients.clients, name="clients"),
    path("export.csv", exports.csv_file, name="csv"),
    path("export.xlsx", exports.xlsx_file, name="xlsx"),
    path("charts/groups/", fragments.groups, name="groups"),
    path("charts/gap/", fragments.gap, name="gap"),
    path("charts/trend/", fragments.trailing, name="trend"),
    path("charts/funnel/", fragments.funnel, name="funnel"),
]
