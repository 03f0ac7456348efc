from django.urls import path

from core.reporting.views import store as store_report
from core.stores import views

app_name = "stores"
urlpatterns = [
    path("", views.store_list, name="list"),
    path("<str:code>/", store_report.store, name="detail"),
    path("<str:code>/charts/comparison/", store_report.comparison, name="comparison"),
    path("<str:code>/charts/trend/", store_report.trailing, name="trend"),
]
