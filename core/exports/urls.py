from django.urls import path

from core.exports import views

app_name = "exports"
urlpatterns = [
    path("", views.export_list, name="list"),
    path("start/", views.start, name="start"),
    path("<uuid:export_id>/", views.file, name="file"),
]
