from django.urls import path

from core.reporting.views import store as store_report
from core.stores import views

app_name = "stores"
urlpatterns = [
    path("", views.store_list, name="list"),
    # A store's code may hold a slash.
    path("<path:code>/charts/comparison/", store_report.comparison, name="comparison"),
    path("<path:code>/charts/trend/", store_report.trailing, name="trend"),
    path("<path:code>/", store_report.store, name="detail"),
]
