from django.urls import path

from core.reporting.views import store as store_report
from core.stores import city_views, views

app_name = "stores"
urlpatterns = [
    path("stores/", views.store_list, name="list"),
    # A store's code may be any text and hold a slash: nothing else can be below stores/.
    path("store-opening/", views.opening, name="opening"),
    path("store-closing/<path:code>/", views.closing, name="closing"),
    path("store-reopening/<path:code>/", views.reopening, name="reopening"),
    path("cities/", city_views.city_list, name="cities"),
    path("cities/<int:city_id>/", city_views.city, name="city"),
    path("cities/<int:city_id>/removal/", city_views.removal, name="city-removal"),
    path("stores/<path:code>/charts/comparison/", store_report.comparison, name="comparison"),
    path("stores/<path:code>/charts/trend/", store_report.trailing, name="trend"),
    path("stores/<path:code>/", store_report.store, name="detail"),
]
