from django.urls import path

from core.reporting.metrics import BY_SLUG
from core.reporting.views import (
    clients,
    dictionary,
    exports,
    fragments,
    next_visits,
    overview,
    places,
    store,
    stores,
    thresholds,
    why,
)

app_name = "reports"
DEFAULT = {"metric": BY_SLUG["repurchase"]}
CSV, XLSX = {"extension": "csv"}, {"extension": "xlsx"}
urlpatterns = [
    # The front page of headquarters.
    path("repurchase/", overview.overview, DEFAULT, name="front"),
    path("metrics/", dictionary.dictionary, name="dictionary"),
    path("value-segments/thresholds/", thresholds.thresholds, name="thresholds"),
    path("<metric:metric>/", overview.overview, name="overview"),
    path("<metric:metric>/clients/", clients.clients, name="clients"),
    path("<metric:metric>/clients/export.csv", exports.client_list_file, CSV, name="clients-csv"),
    path("<metric:metric>/clients/export.xlsx", exports.client_list_file, XLSX, name="clients-xlsx"),
    path("<metric:metric>/export.csv", exports.csv_file, name="csv"),
    path("<metric:metric>/export.xlsx", exports.xlsx_file, name="xlsx"),
    path("<metric:metric>/charts/groups/", fragments.groups, name="groups"),
    path("<metric:metric>/charts/provinces/", fragments.provinces, name="provinces"),
    path("<metric:metric>/charts/gap/", fragments.gap, name="gap"),
    path("<metric:metric>/charts/trend/", fragments.trailing, name="trend"),
    path("<metric:metric>/charts/funnel/", fragments.funnel, name="funnel"),
    path("<metric:metric>/why/", why.of_report, name="why"),
    path("<metric:metric>/flows/", next_visits.of_report, name="flows"),
    path("<metric:metric>/categories/", next_visits.categories, name="categories"),
    path("<metric:metric>/categories/export.csv", next_visits.categories_download, CSV, name="categories-csv"),
    path("<metric:metric>/categories/export.xlsx", next_visits.categories_download, XLSX, name="categories-xlsx"),
]
# Beside those of `core.stores`, below stores/.
store_pages = [
    path("", stores.store_list, name="list"),
    path("regions/", places.places, name="regions"),
    path("regions/trends/", places.place_trends, name="regions-trends"),
    path("regions/provinces/", places.place_provinces, name="regions-provinces"),
    path("regions/export.csv", places.places_file, CSV, name="regions-csv"),
    path("regions/export.xlsx", places.places_file, XLSX, name="regions-xlsx"),
    *(
        path(store_path + page_path, view, {**defaults, **more}, name=name)
        for store_path, defaults in (("<path:code>/<metric:metric>/", {}), ("<path:code>/", DEFAULT))
        for page_path, view, more, name in (
            ("charts/comparison/", store.comparison, {}, "comparison"),
            ("charts/trend/", store.trailing, {}, "trend"),
            ("why/", store.why, {}, "why"),
            ("flows/", store.flows, {}, "flows"),
            ("clients/export.csv", store.client_list_file, CSV, "clients-csv"),
            ("clients/export.xlsx", store.client_list_file, XLSX, "clients-xlsx"),
            ("", store.store, {}, "detail"),
        )
    ),
]
