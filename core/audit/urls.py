from django.urls import path

from core.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.trail, name="list"),
    path("export.csv", views.csv_export, name="csv"),
]
