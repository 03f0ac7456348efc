from django.urls import path

from core.reporting.views import clients, exports, fragments, overview, store, stores

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
# Beside those of `core.stores`, below stores/.
store_pages = [
    path("", stores.store_list, name="list"),
    path("<path:code>/charts/comparison/", store.comparison, name="comparison"),
    path("<path:code>/charts/trend/", store.trailing, name="trend"),
    path("<path:code>/", store.store, name="detail"),
]
